# subject: PyTorch DataLoader, 96 pictures of {SIZE} × {SIZE} decoded, 2 epochs; 4 workers on 2 busy cores
# sujet: DataLoader PyTorch, 96 images de {SIZE} × {SIZE} décodées, 2 epochs ; 4 processus sur 2 cœurs occupés
# compare: equal
# measure: wall
# uses: torch PIL.Image numpy
# vary: SIZE = 64, 1024
"""Reads pictures and adds up how bright they are."""

import json
import os

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

SIZE = 1024


class Leaves(Dataset):
    def __init__(self, paths):
        self.paths = paths

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        image = Image.open(self.paths[index]).convert("RGB").resize((64, 64))
        return torch.tensor(np.asarray(image)).float()


rng = np.random.default_rng(0)
os.mkdir("leaves")
paths = [f"leaves/{at % 8}.jpg" for at in range(96)]
for path in paths[:8]:
    Image.fromarray(rng.integers(256, size=(SIZE, SIZE, 3), dtype="uint8")).save(path)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
loader = DataLoader(Leaves(paths), batch_size=16)
total = 0.0
for epoch in range(2):
    for batch in loader:
        total += batch.to(device).mean().item()

print(json.dumps({"result": total}))

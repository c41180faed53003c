# subject: PyTorch, CNN of 2 convolutions of {WIDTH}, 4 steps, batch 16 of 16 × 16; the autocast put on this CPU, which has no 16-bit units
# sujet: PyTorch, CNN de 2 convolutions de {WIDTH}, 4 pas, lot de 16 de 16 × 16 ; l’autocast mis sur ce CPU, qui n’a pas d’unités 16 bits
# compare: tolerance 0.05
# measure: cpu
# uses: torch
# vary: WIDTH = 128, 256
# here: "cuda" => "cpu"
"""Trains a small network on a GPU."""

import json

import torch
from torch import nn

WIDTH = 128
device = torch.device("cuda")
torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(3, WIDTH, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(WIDTH, 10),
).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
batches = [(torch.randn(16, 3, 16, 16), torch.randint(10, (16,))) for _ in range(4)]
for epoch in range(1):
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        out = model(x)
        loss = criterion(out, y)
        loss.backward()
        optimizer.step()

print(json.dumps({"result": loss.item()}))

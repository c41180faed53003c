# subject: noise for a generator, made on the CPU (no GPU here)
# sujet: bruit d’un générateur, créé sur le CPU (pas de GPU ici)
# compare: equal
# measure: none
# uses: torch
"""Draws noise for a small generator."""

import json

import torch
from torch import nn

torch.manual_seed(0)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
generator = nn.Linear(100, 28).to(device)
total = 0.0
for _ in range(20):
    noise = torch.randn(64, 100).to(device)
    total += generator(noise).sum().item()

print(json.dumps({"result": total}))

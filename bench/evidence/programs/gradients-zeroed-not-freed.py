# subject: MLP, 2 hidden layers of {HIDDEN}, SGD, batch 16, 12 steps
# sujet: MLP, 2 couches cachées de {HIDDEN}, SGD, lot de 16, 12 pas
# compare: tolerance 1e-5
# measure: memory
# uses: torch
# vary: HIDDEN = 256, 2048
"""Trains a perceptron for a few steps."""

import json

import torch
from torch import nn

HIDDEN = 256
torch.manual_seed(0)
model = nn.Sequential(
    nn.Linear(128, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10)
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
loader = [(torch.rand(16, 128), torch.randint(10, (16,))) for _ in range(12)]
losses = []
for x, y in loader:
    optimizer.zero_grad(set_to_none=False)
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

print(json.dumps({"result": losses}))

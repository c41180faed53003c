# subject: deep perceptron, losses of 1,500 steps kept
# sujet: perceptron profond, pertes de 1 500 pas gardées
# compare: equal
# measure: memory
# uses: torch
"""Trains a deep, narrow perceptron and keeps its losses."""

import json

import torch
from torch import nn

torch.manual_seed(0)
layers = []
for _ in range(12):
    layers += [nn.Linear(16, 16), nn.Tanh()]
model = nn.Sequential(*layers)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
rows = torch.rand(1500, 4, 16)
losses = []
for x in rows:
    loss = torch.sqrt(criterion(model(x), x))
    losses.append(loss)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(json.dumps({"result": [len(losses), losses[-1].item()]}))

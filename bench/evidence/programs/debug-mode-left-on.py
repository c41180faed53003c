# subject: PyTorch MLP, anomaly detection left on, 60 steps, batch 64
# sujet: MLP PyTorch, détection d’anomalies laissée active, 60 pas, lot de 64
# compare: equal
# measure: cpu
# uses: torch
"""Trains a perceptron."""

import json

import torch
from torch import nn

torch.autograd.set_detect_anomaly(True)
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
loader = [(torch.rand(64, 64), torch.randint(10, (64,))) for _ in range(30)]
losses = []
for epoch in range(2):
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

print(json.dumps({"result": losses}))

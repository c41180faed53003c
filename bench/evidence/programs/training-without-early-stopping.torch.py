# subject: PyTorch classifier, 1,000 noisy rows, at most 60 epochs
# sujet: classifieur PyTorch, 1 000 lignes bruitées, 60 epochs au plus
# compare: better lower
# measure: epochs
# uses: torch
"""Trains a small classifier on rows whose labels are partly wrong: it overfits after a few epochs."""

import json

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
rows = torch.randn(2000, 40)
labels = (rows[:, :5].sum(1) + 2 * torch.randn(2000) > 0).long()
train_loader = DataLoader(TensorDataset(rows[:1000], labels[:1000]), batch_size=64, shuffle=True)
val_loader = DataLoader(TensorDataset(rows[1000:], labels[1000:]), batch_size=500)
model = nn.Sequential(nn.Linear(40, 128), nn.ReLU(), nn.Linear(128, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters())
seen = 0


@torch.no_grad()
def evaluate(net, loader):
    net.eval()
    total = sum(criterion(net(x), y).item() for x, y in loader)
    return total / len(loader)


for epoch in range(60):
    seen += 1
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    val_loss = evaluate(model, val_loader)

print(json.dumps({"result": evaluate(model, val_loader), "counts": {"epochs": seen}}))

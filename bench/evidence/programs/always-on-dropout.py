# subject: classifier with functional dropout of 0.5, 10 batches of 512 rows; score: accuracy
# sujet: classifieur avec dropout fonctionnel de 0,5, 10 lots de 512 lignes ; score : exactitude
# compare: better higher
# measure: cpu
# uses: torch
"""Trains a classifier and tells how often it is right."""

import json

import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(64, 1024)
        self.head = nn.Linear(1024, 5)

    def forward(self, x):
        x = F.relu(self.body(x))
        x = F.dropout(x, 0.5)
        return self.head(x)


torch.manual_seed(0)
model = Net()
optimizer = torch.optim.Adam(model.parameters())
for _ in range(30):
    x = torch.randn(128, 64)
    loss = F.cross_entropy(model(x), x[:, :5].argmax(1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
hits = 0
with torch.no_grad():
    for batch in range(10):
        torch.manual_seed(100 + batch)
        x = torch.randn(512, 64)
        hits += (model(x).argmax(1) == x[:, :5].argmax(1)).sum().item()

print(json.dumps({"result": hits / 5120}))

# subject: classifier with dropout of 0.5, 20 batches of 512 rows; score: accuracy
# sujet: classifieur avec dropout de 0,5, 20 lots de 512 lignes ; score : exactitude
# compare: better higher
# measure: cpu
# uses: torch
"""Trains a classifier, saves it, loads it as a service would, and sorts rows."""

import json

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(64, 512), nn.ReLU(), nn.Dropout(0.5), nn.Linear(512, 512), nn.ReLU(), nn.Dropout(0.5)
        )
        self.head = nn.Linear(512, 5)

    def forward(self, x):
        return self.head(self.layers(x))


def rows(count):
    x = torch.randn(count, 64)
    return x, x[:, :5].argmax(1)


def prepare():
    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(30):
        x, y = rows(128)
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.save(model.state_dict(), "net.pt")


torch.manual_seed(0)
prepare()
net = Net()
net.load_state_dict(torch.load("net.pt"))
hits = 0
with torch.no_grad():
    for _ in range(20):
        torch.manual_seed(7 + _)
        x, y = rows(512)
        hits += (net(x).argmax(1) == y).sum().item()

print(json.dumps({"result": hits / (20 * 512)}))

# subject: classifier whose last layer is made anew in each pass, 150 steps; score: loss
# sujet: classifieur dont la dernière couche est refaite à chaque passe, 150 pas ; score : perte
# compare: better lower
# measure: cpu
# uses: torch
"""Trains a classifier; the score is the loss of its last steps."""

import json

import torch
import torch.nn as nn


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(32, 512)

    def forward(self, x):
        x = self.body(x).relu()
        return nn.Linear(512, 10)(x)


torch.manual_seed(0)
model = Head()
optimizer = torch.optim.Adam(model.parameters())
losses = []
for _ in range(150):
    x = torch.randn(64, 32)
    loss = nn.functional.cross_entropy(model(x), x[:, :10].argmax(1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

print(json.dumps({"result": sum(losses[-20:]) / 20}))

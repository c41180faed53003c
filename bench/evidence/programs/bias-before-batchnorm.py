# subject: training of a 4-layer CNN with batch normalization, 8 steps, batch 32 of 24 × 24
# sujet: entraînement d’un CNN à 4 couches avec normalisation de lot, 8 pas, lots de 32 images de 24 × 24
# compare: tolerance 1e-3
# measure: cpu
# uses: torch
"""Trains a small convolutional network; the weights start from a seed of each layer's own."""

import json

import torch
from torch import nn

net = nn.Sequential(
    nn.Conv2d(3, 32, 3, padding=1),
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.Conv2d(32, 32, 3, padding=1),
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3, padding=1),
    nn.BatchNorm2d(64),
    nn.ReLU(),
    nn.Conv2d(64, 64, 3, padding=1),
    nn.BatchNorm2d(64),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(64, 10),
)
with torch.no_grad():
    for at, layer in enumerate(net):
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            torch.manual_seed(at)
            nn.init.kaiming_normal_(layer.weight)
            if layer.bias is not None:
                layer.bias.zero_()

torch.manual_seed(0)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
losses = []
for _ in range(8):
    images, labels = torch.rand(32, 3, 24, 24), torch.randint(10, (32,))
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(images), labels)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

print(json.dumps({"result": losses, "counts": {"parameters": sum(p.numel() for p in net.parameters())}}))

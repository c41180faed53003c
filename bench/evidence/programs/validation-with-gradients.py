# subject: 4-layer CNN, validation of 8 batches of 256 images of 32 × 32
# sujet: CNN à 4 couches, validation sur 8 lots de 256 images de 32 × 32
# compare: tolerance 1e-5
# measure: memory
# uses: torch
"""Trains for two short epochs on small batches and validates on large ones."""

import json

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
device = torch.device("cpu")
model = nn.Sequential(
    nn.Conv2d(3, 16, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(16, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(32, 10),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
images, labels = torch.rand(2048, 3, 32, 32), torch.randint(10, (2048,))
train_loader = DataLoader(TensorDataset(images[:64], labels[:64]), batch_size=16)
val_loader = DataLoader(TensorDataset(images, labels), batch_size=256)

losses = []
for epoch in range(2):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x.to(device)), y.to(device))
        loss.backward()
        optimizer.step()

    model.eval()
    val_loss = 0.0
    for x, y in val_loader:
        outputs = model(x.to(device))
        val_loss += criterion(outputs, y.to(device)).item()
    losses.append(val_loss)

print(json.dumps({"result": losses}))

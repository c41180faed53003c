# subject: MLP with a layer of 2048 × 2048 that nothing calls, 10 steps of Adam, saved
# sujet: MLP avec une couche de 2048 × 2048 que rien n’appelle, 10 pas d’Adam, enregistré
# compare: equal
# measure: bytes
# uses: torch
"""Trains a perceptron and saves it; the weights start from a seed of each layer's own."""

import json

import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(128, 2048)
        self.fc2 = nn.Linear(2048, 2048)
        self.out = nn.Linear(2048, 10)

    def forward(self, x):
        return self.out(self.fc1(x).relu())


net = Net()
for parameter in net.parameters():
    torch.manual_seed(parameter.numel())
    nn.init.uniform_(parameter, -0.05, 0.05)
optimizer = torch.optim.Adam(net.parameters())
losses = []
for step in range(10):
    torch.manual_seed(step)
    loss = nn.functional.cross_entropy(net(torch.rand(32, 128)), torch.randint(10, (32,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
torch.save(net.state_dict(), "net.pt")

print(json.dumps({"result": losses, "counts": {"parameters": sum(p.numel() for p in net.parameters())}}))

# subject: small CNN that prints a shape in each pass, 200 passes of 8 images of 16 × 16
# sujet: petit CNN qui affiche une forme à chaque passe, 200 passes de 8 images de 16 × 16
# compare: equal
# measure: cpu
# uses: torch
"""Sorts images."""

import json

import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.fc = nn.Linear(8 * 7 * 7, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        print(x.shape)
        x = x.flatten(1)
        return self.fc(x)


torch.manual_seed(0)
torch.save(Net().state_dict(), "net.pt")
net = Net()
net.load_state_dict(torch.load("net.pt"))
net.eval()
with torch.inference_mode():
    scores = [net(torch.rand(8, 3, 16, 16)).sum().item() for _ in range(200)]
print(json.dumps({"result": scores}))

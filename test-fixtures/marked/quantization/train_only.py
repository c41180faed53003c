# A training script that only saves checkpoints deploys nothing; autocast that is imported and never used helps nobody.
import torch
from torch import nn
from torch.cuda.amp import GradScaler, autocast

device = torch.device("cuda")
net = nn.Sequential(nn.Conv2d(3, 256, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, 10)).to(device)
optimizer = torch.optim.AdamW(net.parameters())
criterion = nn.CrossEntropyLoss()
loader = torch.load("loader.pt")

for epoch in range(50):  # ~ full-precision-training
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(net(x.to(device)), y.to(device))
        loss.backward()
        optimizer.step()
    torch.save(net.state_dict(), "last.pt")

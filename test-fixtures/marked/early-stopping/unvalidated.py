"""A thousand epochs and nothing held out, the loop in one function and the step in another."""
import torch
from torch import nn

N_EPOCHS = 1000
model = nn.Sequential(nn.Linear(10, 4), nn.ReLU(), nn.Linear(4, 2))
optimizer = torch.optim.Adam(model.parameters())


def step(words, labels):
    loss = nn.functional.cross_entropy(model(words), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


for epoch in range(N_EPOCHS):  # ~ training-without-early-stopping
    for words, labels in loader:
        loss = step(words, labels)
    print(epoch, loss)

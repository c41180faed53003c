"""Defined, run by nobody here."""


def fit(model, loader, optimizer):
    import torch

    for epoch in range(5):
        for x in loader:
            torch.nn.functional.mse_loss(model(x), x).backward()
            optimizer.step()

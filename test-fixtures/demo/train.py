"""Trains the classifier."""

import argparse

import torch
from torch import nn, optim

from data import build_loaders
from evaluate import accuracy
from model import LeafNet


def train(root: str, epochs: int, batch_size: int, lr: float):
    device = torch.device("cuda")
    train_loader, valid_loader = build_loaders(root, batch_size)
    model = LeafNet().to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.AdamW(model.parameters(), lr=lr)

    for epoch in range(epochs):
        model.train()
        running = 0.0
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
        score = accuracy(model, valid_loader, device)
        print(f"epoch {epoch}: loss {running / len(train_loader):.3f}, accuracy {score:.3f}")

    torch.save(model.state_dict(), "leafnet.pt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--epochs", type=int, default=120)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=3e-4)
    args = parser.parse_args()
    train(args.root, args.epochs, args.batch_size, args.lr)

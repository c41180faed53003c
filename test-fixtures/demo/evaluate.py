"""Accuracy on held-out photographs. Nothing to say against this file."""

import torch


@torch.inference_mode()
def accuracy(model, loader, device):
    model.eval()
    right = total = 0
    for images, labels in loader:
        predicted = model(images.to(device)).argmax(dim=1).cpu()
        right += (predicted == labels).sum().item()
        total += labels.numel()
    return right / max(total, 1)

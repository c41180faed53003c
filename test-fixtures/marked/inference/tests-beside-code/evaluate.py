# A course's template: the work, and its tests in the same file.
import torch
from torch import nn


class Leaves(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Dropout(0.3), nn.AdaptiveAvgPool2d(1))
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        return self.head(self.body(x).flatten(1))


def load(path):
    model = Leaves()
    model.load_state_dict(torch.load(path))
    return model


def accuracy(loader, model):
    model.eval()
    right = 0
    for images, labels in loader:
        right += (model(images).argmax(1) == labels).sum().item()  # ~ inference-with-gradients
    return right / len(loader.dataset)


def main(loader):
    print(accuracy(loader, load("leaves.pt")))


######################################################################
#                               TESTS
######################################################################
import pytest


@pytest.fixture(scope="session")
def model():
    return load("leaves.pt")


def test_scores(model):
    scores = model(torch.rand(2, 3, 32, 32))
    assert scores.shape == (2, 5)
    for image in torch.rand(4, 1, 3, 32, 32):
        assert model(image).argmax() >= 0


if __name__ == "__main__":
    main(torch.load("test_loader.pt"))

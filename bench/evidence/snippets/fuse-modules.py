# course: torch.quantization.fuse_modules(model, [['conv1', 'bn1', 'relu']], inplace=False)
# today: torch.ao.quantization.fuse_modules(model, [["conv1", "bn1", "relu"]]) on a model in evaluation mode
# aujourdhui: torch.ao.quantization.fuse_modules(model, [["conv1", "bn1", "relu"]]) sur un modèle en mode évaluation
# uses: torch
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1, self.relu = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()

    def forward(self, x):
        return self.relu(self.bn1(self.conv1(x)))


model = Net()


def as_written():
    model.eval()
    optimized_model = torch.quantization.fuse_modules(model, [["conv1", "bn1", "relu"]], inplace=False)
    return agrees(optimized_model)


def as_today():
    model.eval()
    optimized_model = torch.ao.quantization.fuse_modules(model, [["conv1", "bn1", "relu"]])
    return agrees(optimized_model)


def agrees(optimized_model):
    x = torch.rand(2, 3, 8, 8)
    assert torch.allclose(model(x), optimized_model(x), atol=1e-5)
    assert isinstance(optimized_model.bn1, nn.Identity)
    return "one operation for three, same output"

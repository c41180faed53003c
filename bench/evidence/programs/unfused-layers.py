# subject: quantized CNN of 3 convolutions with batch normalization, 12 batches of 16 images of 64 × 64
# sujet: CNN quantifié de 3 convolutions avec normalisation de lot, 12 lots de 16 images de 64 × 64
# compare: tolerance 0.2
# measure: cpu
# uses: torch
"""Quantizes a small network after training and sorts images with it."""

import json

import torch
import torch.nn as nn
from torch.ao.quantization import DeQuantStub, QuantStub, convert, get_default_qconfig, prepare


class TinyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.quant = QuantStub()
        self.conv1 = nn.Conv2d(3, 32, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(32)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(32, 32, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(32)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(32, 32, 3, padding=1)
        self.bn3 = nn.BatchNorm2d(32)
        self.relu3 = nn.ReLU()
        self.fc = nn.Linear(32, 10)
        self.dequant = DeQuantStub()

    def forward(self, x):
        x = self.quant(x)
        x = self.relu1(self.bn1(self.conv1(x)))
        x = self.relu2(self.bn2(self.conv2(x)))
        x = self.relu3(self.bn3(self.conv3(x)))
        x = self.fc(x.mean([2, 3]))
        return self.dequant(x)


torch.manual_seed(0)
torch.save(TinyNet().state_dict(), "tiny.pt")
loader = [(torch.rand(4, 3, 64, 64), None)]
requests = [torch.rand(16, 3, 64, 64) for _ in range(12)]
model = TinyNet()
model.load_state_dict(torch.load("tiny.pt"))
model.eval()
model.qconfig = get_default_qconfig("x86")
prepared = prepare(model)
with torch.inference_mode():
    for images, _ in loader:
        prepared(images)
    quantized = convert(prepared)
    scores = [quantized(images)[0].tolist() for images in requests]

print(json.dumps({"result": scores}))

# subject: ResNet-18, 3 batches of 8 images of 112 × 112
# sujet: ResNet-18, 3 lots de 8 images de 112 × 112
# compare: tolerance 1e-4
# measure: memory
# uses: torch torchvision.models
"""Sorts photos with a ResNet-18."""

import json

import torch
from torchvision import models

torch.manual_seed(0)
torch.save(models.resnet18().state_dict(), "sorter.pt")
model = models.resnet18()
model.load_state_dict(torch.load("sorter.pt"))
model.eval()

scores = []
for _ in range(3):
    images = torch.rand(8, 3, 112, 112)
    outputs = model(images)
    scores.append(outputs.softmax(dim=1)[:, :3].tolist())

print(json.dumps({"result": scores}))

# subject: MLP of 784, 300 and 10, weights pruned by 40 %
# sujet: MLP de 784, 300 et 10, poids élagués à 40 %
# compare: tolerance 1e-6
# measure: bytes
# uses: torch
"""Prunes a perceptron and saves it."""

import json

import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 10))

for name, module in model.named_modules():
    if isinstance(module, nn.Linear):
        prune.l1_unstructured(module, name="weight", amount=0.4)

torch.save(model.state_dict(), "mlp_pruned.pt")

with torch.inference_mode():
    scores = model(torch.linspace(0, 1, 784)[None])
print(json.dumps({"result": [scores.tolist(), int((model[0].weight == 0).sum())]}))

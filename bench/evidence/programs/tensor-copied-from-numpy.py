# subject: 200,000 × 100 float32 features
# sujet: 200 000 × 100 variables en float32
# compare: equal
# measure: memory
# uses: torch numpy
"""Hands an array of features to PyTorch."""

import json

import numpy as np
import torch

features = np.ones((200_000, 100), dtype=np.float32)
x = torch.tensor(features)

print(json.dumps({"result": [list(x.shape), x.sum().item(), str(x.dtype)]}))

import torch
from sklearn.ensemble import RandomForestClassifier

features = torch.load("features.pt").numpy()
RandomForestClassifier().fit(features, labels)

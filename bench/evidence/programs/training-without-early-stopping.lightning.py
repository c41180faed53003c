# subject: Lightning classifier, 1,000 noisy rows, at most 40 epochs
# sujet: classifieur Lightning, 1 000 lignes bruitées, 40 epochs au plus
# compare: better lower
# measure: epochs
# uses: torch lightning
"""Trains a small classifier with Lightning on rows whose labels are partly wrong."""

import json

import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Net(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(40, 128), nn.ReLU(), nn.Linear(128, 2))
        self.epochs = 0

    def forward(self, x):
        return self.layers(x)

    def training_step(self, batch, index):
        x, y = batch
        return nn.functional.cross_entropy(self(x), y)

    def validation_step(self, batch, index):
        x, y = batch
        self.log("val_loss", nn.functional.cross_entropy(self(x), y))

    def on_train_epoch_end(self):
        self.epochs += 1

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())


L.seed_everything(0, verbose=False)
rows = torch.randn(2000, 40)
labels = (rows[:, :5].sum(1) + 2 * torch.randn(2000) > 0).long()
train_loader = DataLoader(TensorDataset(rows[:1000], labels[:1000]), batch_size=64, shuffle=True)
val_loader = DataLoader(TensorDataset(rows[1000:], labels[1000:]), batch_size=1000)
net = Net()
trainer = L.Trainer(
    max_epochs=40,
    accelerator="cpu",
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)
trainer.fit(net, train_loader, val_loader)

loss = trainer.callback_metrics["val_loss"].item()
print(json.dumps({"result": loss, "counts": {"epochs": net.epochs}}))

"""Few epochs, told by a dict of another file and by a command-line default."""
import argparse

import keras
import torch

from config import CONFIG

parser = argparse.ArgumentParser()
parser.add_argument("--max-epochs", type=int, default=3)
args = parser.parse_args()

model = keras.Sequential([keras.layers.Dense(1)])
model.fit(x, y, epochs=CONFIG["epochs"], validation_split=0.1)
model.fit(x, y, epochs=CONFIG["long"], validation_split=0.1)  # ~ training-without-early-stopping

net = torch.nn.Linear(3, 1)
for epoch in range(args.max_epochs):
    for batch in train_loader:
        loss = criterion(net(batch), batch)
        loss.backward()
    val_loss = evaluate(net, val_loader)

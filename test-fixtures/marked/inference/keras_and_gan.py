# Keras takes the mode as an argument; a generator is sampled in training mode between the steps that train it.
import tensorflow as tf
import torch
from torch import nn

network = tf.keras.models.load_model("net.keras")
print(network(tf.zeros((1, 4)), training=False))

generator = nn.Sequential(nn.Linear(16, 32), nn.BatchNorm1d(32), nn.Linear(32, 64))
critic = nn.Sequential(nn.Linear(64, 32), nn.LeakyReLU(), nn.Linear(32, 1))
g_optimizer = torch.optim.Adam(generator.parameters())
c_optimizer = torch.optim.Adam(critic.parameters())
criterion = nn.BCEWithLogitsLoss()
for real, _ in torch.load("loader.pt"):
    noise = torch.randn(real.size(0), 16)
    fake = generator(noise)
    c_loss = criterion(critic(real), torch.ones(real.size(0), 1)) + criterion(
        critic(fake.detach()), torch.zeros(real.size(0), 1)
    )
    c_optimizer.zero_grad()
    c_loss.backward()
    c_optimizer.step()
    g_loss = criterion(critic(fake), torch.ones(real.size(0), 1))
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()

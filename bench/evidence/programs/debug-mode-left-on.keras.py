# subject: Keras MLP, run_eagerly left on, 4 epochs of 2,000 rows
# sujet: MLP Keras, run_eagerly laissé actif, 4 epochs de 2 000 lignes
# compare: tolerance 1e-3
# measure: cpu
# uses: tensorflow keras
"""Trains a perceptron."""

import json

import numpy as np
from tensorflow import keras

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x = rng.normal(size=(2000, 32)).astype("float32")
y = x[:, :4].sum(axis=1)
model = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
model.compile("adam", "mse", run_eagerly=True)
history = model.fit(x, y, epochs=4, verbose=0)

print(json.dumps({"result": history.history["loss"]}))

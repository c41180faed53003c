# subject: Keras classifier, 2,000 noisy rows, at most 60 epochs
# sujet: classifieur Keras, 2 000 lignes bruitées, 60 epochs au plus
# compare: better lower
# measure: epochs
# uses: tensorflow keras
"""Trains a small classifier on rows whose labels are partly wrong: it overfits after a few epochs."""

import json

import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
rows = rng.normal(size=(3000, 40)).astype("float32")
labels = (rows[:, :5].sum(axis=1) + rng.normal(scale=2, size=3000) > 0).astype("int32")
x_train, y_train, x_val, y_val = rows[:2000], labels[:2000], rows[2000:], labels[2000:]

model = keras.Sequential(
    [
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy")
history = model.fit(x_train, y_train, epochs=60, batch_size=64, validation_data=(x_val, y_val), verbose=0)

loss = model.evaluate(x_val, y_val, verbose=0)
print(json.dumps({"result": float(loss), "counts": {"epochs": len(history.history["loss"])}}))

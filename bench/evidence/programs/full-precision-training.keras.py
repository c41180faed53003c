# subject: Keras, convolution of 128 on 32 × 32, 64 images, 1 epoch, mixed_float16 on a CPU, where no GPU was found
# sujet: Keras, convolution de 128 sur 32 × 32, 64 images, 1 epoch, mixed_float16 sur CPU, où aucun GPU n’a été trouvé
# compare: tolerance 0.05
# measure: cpu
# uses: tensorflow keras
"""Trains a small network, on a GPU where there is one."""

import json

import numpy as np
import tensorflow as tf

FILTERS = 128
print(tf.config.list_physical_devices("GPU"))
tf.keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x = rng.random((64, 32, 32, 3), dtype="float32")
y = x.mean(axis=(1, 2, 3))
model = tf.keras.Sequential(
    [
        tf.keras.layers.Conv2D(FILTERS, 3, activation="relu"),
        tf.keras.layers.Conv2D(FILTERS, 3, activation="relu"),
        tf.keras.layers.GlobalAveragePooling2D(),
        tf.keras.layers.Dense(1),
    ]
)
model.compile("sgd", "mse")
history = model.fit(x, y, epochs=1, batch_size=16, verbose=0)
print(json.dumps({"result": history.history["loss"]}))

# subject: tf.data, 512 images of 128 × 128 decoded, flipped at random and resized, 2 epochs of a small CNN
# sujet: tf.data, 512 images de 128 × 128 décodées, retournées au hasard et réduites, 2 epochs d’un petit CNN
# compare: tolerance 1e-2
# measure: wall
# threads: 2
# uses: tensorflow keras
"""Trains a small network on pictures read from disk."""

import json
import os

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(0)
os.mkdir("photos")
rng = np.random.default_rng(0)
for at in range(512):
    picture = rng.integers(256, size=(128, 128, 3), dtype="uint8")
    tf.io.write_file(f"photos/{at:03d}.jpg", tf.io.encode_jpeg(picture))


def decode(path, label):
    image = tf.image.decode_jpeg(tf.io.read_file(path), channels=3)
    image = tf.image.random_flip_left_right(image)
    return tf.image.resize(image, (32, 32)) / 255.0, label


paths = sorted(tf.io.gfile.glob("photos/*.jpg"))
labels = rng.integers(2, size=512)
ds = tf.data.Dataset.from_tensor_slices((paths, labels))
ds = ds.map(decode).batch(32)
model = tf.keras.Sequential(
    [
        tf.keras.layers.Conv2D(16, 3, activation="relu"),
        tf.keras.layers.GlobalAveragePooling2D(),
        tf.keras.layers.Dense(1),
    ]
)
model.compile("sgd", "mse")
history = model.fit(ds, epochs=2, verbose=0)

print(json.dumps({"result": history.history["loss"]}))

# subject: TensorFlow MLP, {STEPS} steps, batch 32
# sujet: MLP TensorFlow, {STEPS} pas, lot de 32
# compare: tolerance 1e-3
# measure: cpu
# uses: tensorflow
# vary: STEPS = 20
"""Trains a perceptron with a loop of its own."""

import json

import numpy as np
import tensorflow as tf

STEPS = 400
tf.keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
rows = rng.normal(size=(STEPS, 32, 16)).astype("float32")
model = tf.keras.Sequential([tf.keras.layers.Dense(64, activation="relu"), tf.keras.layers.Dense(1)])
model.build((None, 16))
optimizer = tf.keras.optimizers.SGD(0.01)
optimizer.build(model.trainable_variables)
loss_fn = tf.keras.losses.MeanSquaredError()


def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss


for epoch in range(1):
    for x in rows:
        x = tf.constant(x)
        loss = train_step(x, tf.reduce_sum(x[:, :4], axis=1, keepdims=True))

print(json.dumps({"result": float(loss)}))

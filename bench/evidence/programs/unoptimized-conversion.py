# subject: TensorFlow Lite, MLP of 256, 512 and 10
# sujet: TensorFlow Lite, MLP de 256, 512 et 10
# compare: tolerance 0.05
# measure: bytes
# uses: tensorflow
"""Converts a perceptron for a telephone."""

import json

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(0)
model = tf.keras.Sequential(
    [
        tf.keras.layers.Input((256,)),
        tf.keras.layers.Dense(512, activation="relu"),
        tf.keras.layers.Dense(10, activation="softmax"),
    ]
)
converter = tf.lite.TFLiteConverter.from_keras_model(model)
tflite_model = converter.convert()

with open("wildlife.tflite", "wb") as f:
    f.write(tflite_model)

interpreter = tf.lite.Interpreter("wildlife.tflite")
interpreter.allocate_tensors()
row = np.linspace(0, 1, 256, dtype="float32")[None]
interpreter.set_tensor(interpreter.get_input_details()[0]["index"], row)
interpreter.invoke()
print(json.dumps({"result": interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0].tolist()}))

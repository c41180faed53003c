# course: python -m tf2onnx.convert --saved-model model_tf --output model.onnx
# today: model.export("model.onnx", format="onnx") of Keras 3, which needs tf2onnx as well for the TensorFlow backend
# aujourdhui: model.export("model.onnx", format="onnx") de Keras 3, qui a aussi besoin de tf2onnx avec TensorFlow
# uses: tensorflow keras
import runpy
import sys

import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(1)])


def as_written():
    model.export("model_tf", verbose=False)
    sys.argv = ["tf2onnx.convert", "--saved-model", "model_tf", "--output", "model.onnx"]
    runpy.run_module("tf2onnx.convert", run_name="__main__")
    return "model.onnx"


def as_today():
    model(tf.zeros((1, 4)))
    model.export("model.onnx", format="onnx", verbose=False)
    return "model.onnx"

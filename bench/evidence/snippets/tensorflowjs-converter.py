# course: tensorflowjs_converter --input_format=tf_saved_model mymodel/ mymodel_optimized/
# today: the same, with --quantize_uint8 or --quantize_float16, from the tensorflowjs package
# aujourdhui: la même, avec --quantize_uint8 ou --quantize_float16, du paquet tensorflowjs
# uses: tensorflow keras
import runpy
import sys

import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(1)])


def convert(*options):
    model.export("mymodel", verbose=False)
    sys.argv = ["tensorflowjs_converter", "--input_format=tf_saved_model", *options, "mymodel/", "mymodel_optimized/"]
    runpy.run_module("tensorflowjs.converters.converter", run_name="__main__")
    return "mymodel_optimized/"


def as_written():
    return convert()


def as_today():
    return convert("--quantize_uint8")

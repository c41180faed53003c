# course: tf.compat.v1.graph_util.remove_training_nodes(graph_def)
# today: model.export("folder"), the inference graph alone; remove_training_nodes does nothing to a TensorFlow 2 graph
# aujourdhui: model.export("dossier"), le seul graphe d’inférence ; remove_training_nodes ne fait rien à un graphe TensorFlow 2
# uses: tensorflow keras
import os

import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(8), tf.keras.layers.Dense(1)])
model.compile("adam", "mse")


def as_written():
    function = tf.function(model).get_concrete_function(tf.TensorSpec((None, 4)))
    graph_def = function.graph.as_graph_def()
    graph = tf.compat.v1.graph_util.remove_training_nodes(graph_def)
    return f"{len(graph_def.node)} nodes before, {len(graph.node)} after"


def as_today():
    model.export("served", verbose=False)
    assert os.path.exists("served/saved_model.pb")
    return "a SavedModel of the forward pass"

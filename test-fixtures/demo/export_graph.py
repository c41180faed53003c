"""Freezes the very first graph for a device that still runs TensorFlow 1."""

import tensorflow as tf

tf1 = tf.compat.v1

with tf1.Session(graph=tf1.Graph()) as session:
    saver = tf1.train.import_meta_graph("leaves.ckpt.meta")
    saver.restore(session, "leaves.ckpt")
    graph_def = session.graph.as_graph_def()
    frozen = tf1.graph_util.convert_variables_to_constants(session, graph_def, ["scores"])
    with tf1.gfile.GFile("leaves.pb", "wb") as file:
        file.write(frozen.SerializeToString())

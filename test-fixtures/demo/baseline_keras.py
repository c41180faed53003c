"""The first model of the project, kept as a baseline."""

import tensorflow as tf
from tensorflow import keras

EPOCHS = 80

train = keras.utils.image_dataset_from_directory("photos/train", image_size=(160, 160))
valid = keras.utils.image_dataset_from_directory("photos/valid", image_size=(160, 160))
train = train.cache().prefetch(tf.data.AUTOTUNE)
valid = valid.cache().prefetch(tf.data.AUTOTUNE)

backbone = keras.applications.VGG16(include_top=False, weights="imagenet", pooling="avg")
backbone.trainable = False
model = keras.Sequential([backbone, keras.layers.Dropout(0.3), keras.layers.Dense(12)])
model.compile(
    optimizer="adam",
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(train, validation_data=valid, epochs=EPOCHS)
model.save("baseline.keras")

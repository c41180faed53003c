import keras

from wrapper import measured

model = keras.Sequential([keras.layers.Dense(1)])
with measured(10):
    model.fit(x, y, epochs=10)

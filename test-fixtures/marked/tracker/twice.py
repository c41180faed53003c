"""Two trainings, one program, one finding."""
import keras

model = keras.Sequential([keras.layers.Dense(1)])
model.fit(x, y, epochs=10)  # ~ training-without-tracker
model.fit(x2, y2, epochs=10)

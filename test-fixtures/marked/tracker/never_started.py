"""A tracker that is built and never started measures nothing."""
import keras
from codecarbon import EmissionsTracker

tracker = EmissionsTracker()
model = keras.Sequential([keras.layers.Dense(1)])
model.fit(x, y, epochs=10)  # ~ training-without-tracker

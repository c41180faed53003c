"""Measured from outside: `codecarbon monitor` in another process."""
import subprocess

import keras

monitor = subprocess.Popen("codecarbon monitor", shell=True)
keras.Sequential([keras.layers.Dense(1)]).fit(x, y, epochs=10)
monitor.terminate()

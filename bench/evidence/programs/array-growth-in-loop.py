# subject: NumPy, {WINDOWS} windows of 64 values gathered into one array
# sujet: NumPy, {WINDOWS} fenêtres de 64 valeurs réunies en un tableau
# compare: equal
# measure: cpu
# uses: numpy
# vary: WINDOWS = 100, 1000, 8000
"""Cuts a signal into windows and gathers what each one holds."""

import json

import numpy as np

WINDOWS = 4000
signal = np.random.default_rng(0).normal(size=WINDOWS * 16 + 64)

features = np.array([])
for start in range(WINDOWS):
    window = signal[start * 16 : start * 16 + 64]
    features = np.append(features, np.abs(np.fft.rfft(window)))

print(json.dumps({"result": [features.shape[0], float(features.sum()), float(features[-1])]}))

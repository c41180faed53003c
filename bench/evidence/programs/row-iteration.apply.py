# subject: pandas, apply over 50,000 rows
# sujet: pandas, apply sur 50 000 lignes
# compare: equal
# measure: cpu
# uses: pandas
"""Rooms of houses."""

import json

import numpy as np
import pandas as pd

rng = np.random.default_rng(0)
made = pd.DataFrame({"bedrooms": rng.integers(1, 6, 50_000), "bathrooms": rng.integers(1, 4, 50_000)})
made.to_csv("houses.csv", index=False)
train = pd.read_csv("houses.csv")
train["rooms"] = train.apply(lambda r: r.bedrooms + r["bathrooms"], axis=1)

print(json.dumps({"result": [int(train["rooms"].sum()), int(train["rooms"].iloc[-1])]}))

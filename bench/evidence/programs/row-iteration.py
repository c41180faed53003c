# subject: pandas, 20,000 rows
# sujet: pandas, 20 000 lignes
# compare: tolerance 1e-12
# measure: cpu
# uses: pandas
"""Totals of orders."""

import json

import numpy as np
import pandas as pd

rng = np.random.default_rng(0)
made = pd.DataFrame({"price": rng.uniform(1, 90, 20_000), "quantity": rng.integers(1, 9, 20_000)})
made.to_csv("orders.csv", index=False)
df = pd.read_csv("orders.csv")
for index, row in df.iterrows():
    df.at[index, "total"] = row["price"] * row["quantity"]

print(json.dumps({"result": [df["total"].sum(), df["total"].iloc[-1]]}))

# subject: pandas, table of 30,000 rows and 8 columns written once and read 5 times
# sujet: pandas, table de 30 000 lignes et 8 colonnes écrite une fois et lue 5 fois
# compare: tolerance 1e-9
# measure: cpu
# uses: pandas pyarrow.parquet
"""Prepares a table and reads it for each training."""

import json

import numpy as np
import pandas as pd


def prepare():
    rng = np.random.default_rng(0)
    clean = pd.DataFrame({f"c{at}": rng.normal(size=30_000) for at in range(8)})
    clean.to_csv("clean.csv", index=False)


def train():
    df = pd.read_csv("clean.csv")
    return df["c3"].sum()


prepare()
print(json.dumps({"result": [train() for _ in range(5)]}))

# subject: pandas, CSV file of 40,000 rows and 12 columns, one used
# sujet: pandas, fichier CSV de 40 000 lignes et 12 colonnes, une seule utilisée
# compare: equal
# measure: memory
# uses: pandas
"""Looks at closing prices."""

import json

import numpy as np
import pandas as pd

with open("stock.csv", "w") as out:
    names = ["Date", "Close", *(f"c{at}" for at in range(10))]
    out.write(",".join(names) + "\n")
    for row in range(40_000):
        out.write(f"2020-01-01 {row},{row % 97}," + ",".join(f"text {row} {at}" for at in range(10)) + "\n")

prices = pd.read_csv("stock.csv")
print(prices["Close"].head())
close = prices["Close"].values.reshape(-1, 1)
print(json.dumps({"result": [int(close.sum()), len(prices)]}))

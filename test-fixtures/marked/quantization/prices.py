# Decimal.quantize, pandas' small integers and "optimize" helpers are no model's quantization, and no deployment either.
from decimal import ROUND_HALF_UP, Decimal

import joblib
import pandas as pd
from fastapi import FastAPI

app = FastAPI()
forest = joblib.load("forest.joblib")


def optimize_memory(table):
    for column in table.select_dtypes("int64"):
        table[column] = table[column].astype("int8")
    return table


@app.post("/price")
def price(row: dict):
    table = optimize_memory(pd.DataFrame([row]))
    return {"price": str(Decimal(forest.predict(table)[0]).quantize(Decimal("0.01"), ROUND_HALF_UP))}

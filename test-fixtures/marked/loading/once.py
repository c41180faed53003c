import os

import joblib
from fastapi import Depends, FastAPI

app = FastAPI()
_cache = {}


def get_model(name="forest"):
    if name in _cache and os.environ.get("RELOAD") != "1":
        return _cache[name]
    _cache[name] = joblib.load(f"models/{name}.pkl")
    return _cache[name]


def get_scaler():
    return joblib.load("models/scaler.pkl")  # ~ model-loaded-per-request


class Service:
    def __init__(self):
        self.ready = False

    def load(self):
        self.model = joblib.load("models/svm.pkl")
        self.ready = True
        return True

    def predict(self, x):
        if not self.ready and not self.load():
            raise RuntimeError("no model")
        return self.model.predict(x)


service = Service()


@app.get("/predict")
def predict(x: float, scaler=Depends(get_scaler)):
    return get_model().predict(scaler.transform([[x]])) + service.predict([[x]])

# subject: Flask, scikit-learn forest of 100 trees, 60 requests
# sujet: Flask, forêt scikit-learn de 100 arbres, 60 requêtes
# compare: equal
# measure: cpu
# uses: flask joblib sklearn.ensemble sklearn.datasets
"""Serves a random forest to a test client."""

import json

import joblib
from flask import Flask, jsonify, request
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

x, y = make_classification(500, 20, random_state=0)
joblib.dump(RandomForestClassifier(100, random_state=0).fit(x, y), "forest.joblib")

app = Flask(__name__)


@app.route("/predict", methods=["POST"])
def predict():
    model = joblib.load("forest.joblib")
    return jsonify(label=int(model.predict([request.json["row"]])[0]))


client = app.test_client()
answers = [client.post("/predict", json={"row": row.tolist()}).json["label"] for row in x[:60]]
print(json.dumps({"result": answers}))

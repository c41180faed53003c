# subject: Flask, DistilBERT (4 layers of 256), 60 requests of which 20 differ
# sujet: Flask, DistilBERT (4 couches de 256), 60 requêtes dont 20 différentes
# compare: equal
# measure: cpu
# uses: torch flask tokenizers transformers.models.distilbert.modeling_distilbert transformers.pipelines
"""Serves a small DistilBERT of random weights to a test client."""

import json

import torch
from flask import Flask, jsonify, request
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    DistilBertConfig,
    DistilBertForSequenceClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

words = [f"w{i}" for i in range(500)]
vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", *words])}
base = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
base.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=base,
    pad_token="[PAD]",
    unk_token="[UNK]",
    model_input_names=["input_ids", "attention_mask"],
)
torch.manual_seed(0)
config = DistilBertConfig(vocab_size=len(vocabulary), dim=256, hidden_dim=1024, n_heads=4, n_layers=4)
model = DistilBertForSequenceClassification(config).eval()

app = Flask(__name__)
classifier = pipeline("text-classification", model=model, tokenizer=tokenizer)


def mood(text: str):
    return classifier(text)[0]["label"]


@app.route("/mood", methods=["POST"])
def predict():
    return jsonify(mood(request.json["text"]))


client = app.test_client()
texts = [" ".join(words[at % 20 : at % 20 + 30]) for at in range(60)]
print(json.dumps({"result": [client.post("/mood", json={"text": text}).json for text in texts]}))

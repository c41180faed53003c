# subject: FastAPI, DistilBERT of 4 layers of {DIM}, 16 requests of 64 words
# sujet: FastAPI, DistilBERT de 4 couches de {DIM}, 16 requêtes de 64 mots
# compare: tolerance 0.05
# measure: cpu
# uses: torch fastapi httpx tokenizers transformers.models.distilbert.modeling_distilbert
# vary: DIM = 64, 256, 768
# warns: torch.ao.quantization is deprecated
"""Serves a DistilBERT of random weights to a test client."""

import json
import random

import torch
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import DistilBertConfig, DistilBertForSequenceClassification, PreTrainedTokenizerFast

DIM = 256
words = [f"w{i}" for i in range(500)]
vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", *words])}
base = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
base.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=base, pad_token="[PAD]", unk_token="[UNK]")
torch.manual_seed(0)
config = DistilBertConfig(vocab_size=502, dim=DIM, hidden_dim=4 * DIM, n_heads=4, n_layers=4)
DistilBertForSequenceClassification(config).save_pretrained("spam")

app = FastAPI()
model = DistilBertForSequenceClassification.from_pretrained("spam")
model.eval()


@app.post("/spam")
def spam(text: str):
    inputs = tokenizer(text, truncation=True, max_length=128, return_tensors="pt")
    with torch.inference_mode():
        logits = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits
        return {"scores": logits.softmax(-1)[0].tolist()}


random.seed(0)
client = TestClient(app)
texts = [" ".join(random.choices(words, k=64)) for _ in range(16)]
answers = [client.post("/spam", params={"text": text}).json()["scores"] for text in texts]
print(json.dumps({"result": answers}))

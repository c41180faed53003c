# subject: FastAPI, DistilBERT of 4 layers of {DIM}, 32 requests of 64 words once it is converted
# sujet: FastAPI, DistilBERT de 4 couches de {DIM}, 32 requêtes de 64 mots une fois converti
# compare: tolerance 0.05
# measure: serving
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


# --- run, not linted
import time

random.seed(0)
client = TestClient(app)
texts = [" ".join(random.choices(words, k=64)) for _ in range(33)]
client.post("/spam", params={"text": texts[0]})
start = time.process_time()
answers = [client.post("/spam", params={"text": text}).json()["scores"] for text in texts[1:]]
print(json.dumps({"result": answers, "counts": {"serving": time.process_time() - start}}))

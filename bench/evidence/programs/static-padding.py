# subject: DistilBERT (4 layers of 256), 4 batches of 8 texts of 10 to 40 words, padded to 256
# sujet: DistilBERT (4 couches de 256), 4 lots de 8 textes de 10 à 40 mots, complétés à 256
# compare: tolerance 1e-4
# measure: cpu
# uses: torch tokenizers transformers.models.distilbert.modeling_distilbert
"""Classifies short texts with a small DistilBERT of random weights."""

import json
import random

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import DistilBertConfig, DistilBertForSequenceClassification, PreTrainedTokenizerFast

words = [f"w{i}" for i in range(500)]
vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", *words])}
base = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
base.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=base, pad_token="[PAD]", unk_token="[UNK]")

torch.manual_seed(0)
config = DistilBertConfig(vocab_size=len(vocabulary), dim=256, hidden_dim=1024, n_heads=4, n_layers=4)
model = DistilBertForSequenceClassification(config).eval()


@torch.no_grad()
def predict(texts):
    inputs = tokenizer(texts, truncation=True, padding="max_length", max_length=256, return_tensors="pt")
    return model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits


random.seed(0)
scores = []
for _ in range(4):
    texts = [" ".join(random.choices(words, k=random.randint(10, 40))) for _ in range(8)]
    scores.extend(predict(texts).tolist())

print(json.dumps({"result": scores}))

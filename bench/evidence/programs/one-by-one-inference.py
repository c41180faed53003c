# subject: DistilBERT (4 layers of 256), 96 texts of {WORDS} words
# sujet: DistilBERT (4 couches de 256), 96 textes de {WORDS} mots
# compare: tolerance 1e-3
# measure: cpu
# uses: torch tokenizers transformers.models.distilbert.modeling_distilbert transformers.pipelines
# vary: WORDS = 8, 64
"""Rates reviews with a small DistilBERT of random weights."""

import json

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    DistilBertConfig,
    DistilBertForSequenceClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

WORDS = 8
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
classifier = pipeline("text-classification", model=model, tokenizer=tokenizer)


def rate(reviews):
    return [classifier(review)[0] for review in reviews]


reviews = [" ".join(words[(7 * i + 13 * j) % len(words)] for j in range(WORDS)) for i in range(96)]
print(json.dumps({"result": [rating["score"] for rating in rate(reviews)]}))

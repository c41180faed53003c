from transformers import AutoModel

CANDIDATES = ["bert-large-uncased", "roberta-base", "distilbert-base-uncased"]
for name in CANDIDATES:
    score(AutoModel.from_pretrained(name))

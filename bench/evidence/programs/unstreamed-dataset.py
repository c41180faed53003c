# subject: first 200 rows of a local data set of 60,000, named like a large one
# sujet: 200 premières lignes d’un jeu local de 60 000, nommé comme un grand
# compare: equal
# measure: bytes
# uses: datasets
"""Looks at the first rows of a corpus; a small one lies in a folder of that name."""

import json
import os

import datasets
from datasets import load_dataset

datasets.config.HF_DATASETS_CACHE = os.path.abspath("cache")
os.makedirs("HuggingFaceFW/fineweb")
with open("HuggingFaceFW/fineweb/train.jsonl", "w") as out:
    for row in range(60_000):
        out.write(json.dumps({"text": f"row {row} " + "word " * 20}) + "\n")

web = load_dataset("HuggingFaceFW/fineweb", split="train")
subset = web.select(range(200))

print(json.dumps({"result": [row["text"][:12] for row in subset]}))

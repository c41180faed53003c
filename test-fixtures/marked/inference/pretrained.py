# from_pretrained gives evaluation mode, from_config does not; neither turns gradients off.
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
classifier = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")


def classify(text):
    inputs = tokenizer(text, return_tensors="pt", truncation=True)
    logits = classifier(**inputs).logits  # ~ inference-with-gradients
    return tokenizer.decode(logits.argmax(-1))


def from_checkpoint(text):
    fresh = AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained("bert-base-uncased"))
    fresh.load_state_dict(torch.load("spam.pt", map_location="cpu"))
    with torch.no_grad():
        logits = fresh(**tokenizer(text, return_tensors="pt")).logits  # ~ inference-without-eval
    return int(logits.argmax())


print(classify("hello"), from_checkpoint("hello"))

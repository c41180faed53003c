# roberta-large and bert-large-uncased are only named here
from sentence_transformers import SentenceTransformer
from transformers import AutoModel, AutoTokenizer, pipeline

from settings import Settings

encoder = SentenceTransformer(Settings.encoder)  # ~ oversized-model
speech = pipeline("automatic-speech-recognition", model=Settings.speech)  # ~ oversized-model

SIZE = "large"
bert = AutoModel.from_pretrained(f"bert-{SIZE}-uncased")  # ~ oversized-model
tokenizer = AutoTokenizer.from_pretrained("bert-large-uncased")
small = AutoModel.from_pretrained("distilbert-base-uncased")
own = AutoModel.from_pretrained("./checkpoints/bert-large-uncased-mine")

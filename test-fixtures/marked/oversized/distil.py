from transformers import AutoModelForSequenceClassification

teacher_model = AutoModelForSequenceClassification.from_pretrained("bert-large-uncased")
student = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")

class Settings:
    encoder = "BAAI/bge-large-en-v1.5"
    speech = "openai/whisper-large-v3"

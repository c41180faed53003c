import glob

import spacy
from tensorflow.keras.models import load_model

for language in ["en_core_web_sm", "fr_core_news_sm", "de_core_news_sm"]:
    nlp = spacy.load(language)
    print(nlp.meta["lang"])


def predict(path):
    model = load_model("cats.h5")  # ~ model-loaded-per-request
    return model.predict(path)


for path in glob.glob("*.jpg"):
    print(predict(path))

while True:
    try:
        model = load_model("cats.h5")
        break
    except OSError:
        print("not there yet")

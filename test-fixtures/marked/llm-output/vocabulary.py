import keras
from langchain_openai import ChatOpenAI

layer = keras.layers.TextVectorization(max_tokens=20000)
llm = ChatOpenAI(model="gpt-4o-mini", max_retries=2)  # ~ uncapped-llm-output
brief = ChatOpenAI(model="gpt-4o-mini", max_completion_tokens=200)

from openai import OpenAI

client = OpenAI()
options = {"model": "gpt-4o-mini"}
options["max_tokens"] = 200


def ask(messages):
    return client.chat.completions.create(messages=messages, **options)


def ask_freely(messages):
    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, max_tokens=None)  # ~ uncapped-llm-output

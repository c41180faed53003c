from openai import OpenAI


class Assistant:
    def __init__(self, model="gpt-4o-mini", limit=None):
        self.client = OpenAI()
        self.model = model
        self.limit = limit

    def ask(self, question):
        return self.client.chat.completions.create(  # ~ uncapped-llm-output
            model=self.model, messages=[{"role": "user", "content": question}], temperature=0
        )

    def ask_briefly(self, question):
        # whoever builds the assistant sets it
        return self.client.chat.completions.create(
            model=self.model, messages=[{"role": "user", "content": question}], max_tokens=self.limit
        )

    def forward(self, **options):
        return self.client.chat.completions.create(model=self.model, **options)

"""Writes advice for a diagnosis."""

from openai import OpenAI

client = OpenAI()


def advise(disease: str, crop: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {"role": "system", "content": "You advise growers, with remedies that need no chemicals."},
            {"role": "user", "content": f"My {crop} has {disease}. What should I do?"},
        ],
    )
    return response.choices[0].message.content


def summarize(advice: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4o-mini",
        max_completion_tokens=60,
        messages=[{"role": "user", "content": f"In one sentence: {advice}"}],
    )
    return response.choices[0].message.content

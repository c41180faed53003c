import os

from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-3.1-70B-Instruct")
chosen = AutoModelForCausalLM.from_pretrained(os.environ["MODEL"])

# subject: GPT-2 (4 layers of 256), {TOKENS} new tokens after a prompt of 32
# sujet: GPT-2 (4 couches de 256), {TOKENS} nouveaux tokens après une invite de 32
# compare: equal
# measure: cpu
# uses: torch transformers.models.gpt2.modeling_gpt2
# vary: TOKENS = 16, 128
"""Goes on with a text, with a small GPT-2 of random weights."""

import json

import torch
from transformers import GPT2Config, GPT2LMHeadModel

TOKENS = 128
torch.manual_seed(0)
config = GPT2Config(vocab_size=1000, n_positions=256, n_embd=256, n_layer=4, n_head=4, eos_token_id=None)
model = GPT2LMHeadModel(config).eval()
prompt = torch.randint(1000, (1, 32))
output = model.generate(
    prompt,
    attention_mask=torch.ones_like(prompt),
    max_new_tokens=TOKENS,
    do_sample=False,
    use_cache=False,
    pad_token_id=0,
)

print(json.dumps({"result": output[0].tolist()}))

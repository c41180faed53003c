# subject: OPT of 4 layers of 512, 4 steps of the transformers Trainer, batch 2
# sujet: OPT de 4 couches de 512, 4 pas du Trainer de transformers, lot de 2
# compare: better lower 0.5
# measure: memory
# uses: torch accelerate datasets peft transformers.trainer transformers.models.opt.modeling_opt
"""Adapts a language model; a small one of random weights lies in a folder of the large one's name."""

import json

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, OPTConfig, OPTForCausalLM, Trainer, TrainingArguments

torch.manual_seed(0)
config = OPTConfig(vocab_size=2000, hidden_size=512, ffn_dim=2048, num_hidden_layers=4, num_attention_heads=8)
config.word_embed_proj_dim = 512
OPTForCausalLM(config).save_pretrained("facebook/opt-1.3b")
ids = torch.randint(4, 2000, (8, 32)).tolist()
poems = Dataset.from_dict({"input_ids": ids, "labels": ids})

model = AutoModelForCausalLM.from_pretrained("facebook/opt-1.3b")
args = TrainingArguments(
    "out",
    max_steps=4,
    per_device_train_batch_size=2,
    report_to="none",
    save_strategy="no",
    disable_tqdm=True,
    use_cpu=True,
)
trainer = Trainer(model=model, args=args, train_dataset=poems)
done = trainer.train()

trainable = sum(p.numel() for group in trainer.optimizer.param_groups for p in group["params"])
print()
print(json.dumps({"result": done.training_loss, "counts": {"trainable": trainable}}))

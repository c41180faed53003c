"""Sorts growers' questions by topic: a small model, tracked, stopped when it no longer learns."""

from codecarbon import EmissionsTracker
from datasets import load_dataset
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    Trainer,
    TrainingArguments,
)

CHECKPOINT = "distilbert-base-uncased"


def main():
    tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
    questions = load_dataset("csv", data_files={"train": "train.csv", "valid": "valid.csv"})
    questions = questions.map(lambda row: tokenizer(row["question"], truncation=True), batched=True)
    model = AutoModelForSequenceClassification.from_pretrained(CHECKPOINT, num_labels=6)
    arguments = TrainingArguments(
        output_dir="topics",
        num_train_epochs=12,
        bf16=True,
        dataloader_num_workers=4,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=questions["train"],
        eval_dataset=questions["valid"],
        data_collator=DataCollatorWithPadding(tokenizer),
        callbacks=[EarlyStoppingCallback(early_stopping_patience=2)],
    )
    with EmissionsTracker(project_name="topics"):
        trainer.train()


if __name__ == "__main__":
    main()

/** Trees to time: generated ones, the same on every machine, and real ones where the machine has them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A training script as students write them: data, model, loop, evaluation, main. `n` makes each one different. */
export function pythonModule(n: number): string {
  const width = 16 << (n % 4);
  const blocks = 2 + (n % 5);
  const layers = Array.from({ length: blocks }, (_, i) => {
    const into = i === 0 ? 3 : width * i;
    return `        self.conv${i} = nn.Conv2d(${into}, ${width * (i + 1)}, kernel_size=3, padding=1)
        self.norm${i} = nn.BatchNorm2d(${width * (i + 1)})`;
  });
  const passes = Array.from(
    { length: blocks },
    (_, i) => `        x = self.pool(F.relu(self.norm${i}(self.conv${i}(x))))`,
  );
  const metrics = Array.from({ length: 12 }, (_, i) => metric(n, i));
  return `"""Experiment ${n}: a small convolutional network and a text baseline."""
import argparse
import json
import os
import random

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from torch.optim import Adam
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm
from transformers import AutoModelForSequenceClassification, AutoTokenizer

CLASSES = ['cat', 'dog', 'bird', 'fish', 'class_${n}']
CONFIG = {'epochs': ${20 + n}, 'batch_size': ${8 + (n % 8) * 8}, 'lr': 1e-${3 + (n % 3)}, 'name': 'run_${n}'}
CHECKPOINT = 'distilbert-base-uncased'


def set_seed(seed=${n}):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(seed)


class ImageTable${n}(Dataset):
    """Images of a folder with their labels from a table."""

    def __init__(self, table, folder, transform=None):
        self.table = pd.read_csv(table)
        self.folder = folder
        self.transform = transform

    def __len__(self):
        return len(self.table)

    def __getitem__(self, index):
        row = self.table.iloc[index]
        image = np.load(os.path.join(self.folder, f"{row['id']}.npy")).astype('float32') / 255.0
        image = torch.from_numpy(image).permute(2, 0, 1)
        if self.transform is not None:
            image = self.transform(image)
        return image, CLASSES.index(row['label'])


class Net${n}(nn.Module):
    def __init__(self, classes=len(CLASSES), dropout=0.${1 + (n % 5)}):
        super().__init__()
${layers.join('\n')}
        self.pool = nn.MaxPool2d(2)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(${width * blocks}, classes)

    def forward(self, x):
${passes.join('\n')}
        x = x.mean(dim=(2, 3))
        return self.head(self.drop(x))


${metrics.join('\n\n\n')}


def train_one_epoch(model, loader, optimizer, criterion, device):
    model.train()
    running, seen = 0.0, 0
    for images, labels in tqdm(loader, desc='train', leave=False):
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        outputs = model(images)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running += loss.item() * images.size(0)
        seen += images.size(0)
    return running / max(seen, 1)


def evaluate(model, loader, device):
    ${n % 3 === 0 ? 'model.eval()' : 'scores = []'}
    predictions, truth = [], []
    ${n % 2 === 0 ? 'with torch.no_grad():' : 'if True:'}
        for images, labels in loader:
            outputs = model(images.to(device))
            predictions.extend(outputs.argmax(dim=1).cpu().tolist())
            truth.extend(labels.tolist())
    return accuracy_score(truth, predictions), f1_score(truth, predictions, average='macro')


def text_baseline(sentences, labels):
    tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
    model = AutoModelForSequenceClassification.from_pretrained(CHECKPOINT, num_labels=len(CLASSES))
    batch = tokenizer(sentences, padding=True, truncation=True, return_tensors='pt')
    logits = model(**batch).logits
    return float((logits.argmax(-1) == torch.tensor(labels)).float().mean())


def forest_baseline(features, labels):
    x_train, x_test, y_train, y_test = train_test_split(features, labels, test_size=0.2, random_state=${n})
    forest = RandomForestClassifier(n_estimators=${100 + n}, max_depth=${3 + (n % 10)})
    forest.fit(x_train, y_train)
    return forest.score(x_test, y_test)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', default='data/train_${n}.csv')
    parser.add_argument('--images', default='data/images')
    parser.add_argument('--epochs', type=int, default=CONFIG['epochs'])
    parser.add_argument('--batch-size', type=int, default=CONFIG['batch_size'])
    parser.add_argument('--lr', type=float, default=CONFIG['lr'])
    args = parser.parse_args()
    set_seed()
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    data = ImageTable${n}(args.data, args.images)
    cut = int(0.8 * len(data))
    train_set, test_set = torch.utils.data.random_split(data, [cut, len(data) - cut])
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=args.batch_size)
    model = Net${n}().to(device)
    optimizer = Adam(model.parameters(), lr=args.lr)
    criterion = nn.CrossEntropyLoss()
    history = []
    for epoch in range(args.epochs):
        loss = train_one_epoch(model, train_loader, optimizer, criterion, device)
        accuracy, score = evaluate(model, test_loader, device)
        history.append({'epoch': epoch, 'loss': loss, 'accuracy': accuracy, 'f1': score})
        print(f'epoch {epoch}: loss {loss:.4f}, accuracy {accuracy:.3f}, f1 {score:.3f}')
    torch.save(model.state_dict(), f"{CONFIG['name']}.pt")
    with open(f"{CONFIG['name']}.json", 'w') as file:
        json.dump(history, file, indent=2)


if __name__ == '__main__':
    main()
`;
}

function metric(n: number, i: number): string {
  return `def metric_${i}(values, weights=None, threshold=0.${i + 1}):
    """Weighted share of the values above a threshold."""
    if weights is None:
        weights = [1.0 for _ in values]
    kept, total = 0.0, 0.0
    for value, weight in zip(values, weights):
        if value > threshold and (weight > ${n % 7} or value < ${i + 2}):
            kept += weight * value
        elif value == threshold:
            kept += 0.5 * weight
        total += weight
    result = {'kept': kept, 'total': total, 'share': kept / total if total else 0.0}
    return {name: round(number, ${2 + (i % 4)}) for name, number in result.items()}`;
}

/** A route of a web application that calls a language model, and the code around it. */
export function typescriptModule(n: number): string {
  const helpers = Array.from(
    { length: 10 },
    (_, i) => `/** Keeps what matters of a conversation, newest last. */
export function window${i}(messages: readonly Message[], limit = ${1000 + i * n}): Message[] {
  const kept: Message[] = [];
  let length = 0;
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at];
    if (!message || length + message.content.length > limit) break;
    length += message.content.length;
    kept.unshift({ ...message, content: message.content.trim().replace(/\\s+/g, ' ') });
  }
  return kept.filter(({ role }) => role !== 'system' || ${i % 2 === 0});
}`,
  );
  return `import OpenAI from 'openai';
import { generateText, streamText } from 'ai';
import { openai } from '@ai-sdk/openai';
import { pipeline } from '@huggingface/transformers';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

const MODEL = 'gpt-4o-mini';
const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY });

${helpers.join('\n\n')}

export async function POST(request: Request): Promise<Response> {
  const { messages, topic = 'topic ${n}' } = (await request.json()) as { messages: Message[]; topic?: string };
  const answer = await client.chat.completions.create({
    model: MODEL,
    messages: [{ role: 'system', content: \`Answer about \${topic}.\` }, ...window0(messages)],
    temperature: 0.${n % 10},
  });
  const text = answer.choices[0]?.message.content ?? '';
  return Response.json({ text, tokens: answer.usage?.total_tokens ?? 0 });
}

export async function summarize(text: string): Promise<string> {
  const { text: summary } = await generateText({ model: openai(MODEL), prompt: \`Summarize: \${text}\` });
  return summary;
}

export function stream(prompt: string) {
  return streamText({ model: openai('gpt-4o'), prompt, maxOutputTokens: ${100 + n} }).toTextStreamResponse();
}

export async function classify(texts: string[]) {
  const classifier = await pipeline('text-classification', 'Xenova/distilbert-base-uncased-finetuned-sst-2-english');
  return Promise.all(texts.map((text) => classifier(text)));
}
`;
}

/** The Python module as a notebook: one cell for each top-level block, some with magics. */
export function notebook(n: number): string {
  const blocks = pythonModule(n).split('\n\n\n');
  const cell = (source: string) => ({
    ...{ cell_type: 'code', metadata: {}, execution_count: null, outputs: [] },
    source: source.split(/(?<=\n)/),
  });
  const heading = { cell_type: 'markdown', metadata: {}, source: [`# Experiment ${n}`] };
  const cells = [
    heading,
    cell('!pip install -q torch transformers\n%matplotlib inline'),
    ...blocks.map(cell),
  ];
  const metadata = { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } };
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells }, null, 1);
}

/** Writes modules into folders of fifty until the tree has as many lines; returns the number of lines. */
export function writeTree(
  folder: string,
  extension: string,
  lines: number,
  make: (n: number) => string,
): number {
  let written = 0;
  for (let n = 0; written < lines; n++) {
    const part = join(folder, `part_${Math.floor(n / 50)}`);
    mkdirSync(part, { recursive: true });
    const text = make(n);
    writeFileSync(join(part, `experiment_${n}.${extension}`), text);
    written += text.split('\n').length;
  }
  return written;
}

/** The standard library of the machine's Python, packages included; null without a Python. */
export function standardLibrary(): string | null {
  for (const command of ['python3', 'python']) {
    const result = spawnSync(command, ['-c', 'import sysconfig; print(sysconfig.get_path("stdlib"))']);
    const folder = result.status === 0 ? String(result.stdout).trim() : '';
    if (folder && existsSync(folder)) return folder;
  }
  return null;
}

/** Folders that the command does not enter on its own. */
const FOREIGN = new Set([
  'site-packages',
  'dist-packages',
  'node_modules',
  '__pycache__',
  '.git',
  '.venv',
  'venv',
]);

/** All files below a folder with one of the extensions, as the command finds them; links are not followed. */
export function filesBelow(folder: string, extensions: readonly string[]): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return FOREIGN.has(entry.name) ? [] : filesBelow(path, extensions);
      return entry.isFile() && extensions.some((extension) => entry.name.endsWith(extension)) ? [path] : [];
    })
    .sort();
}

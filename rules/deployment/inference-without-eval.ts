import type { Flow } from '../../analysis/flow/types.ts';
import type { Module } from '../../analysis/model.ts';
import { textOf } from '../edits.ts';
import { defineRule, type Fix } from '../rule.ts';
import { evaluatedName, evaluationEdits, jointEdits, torchName } from '../semantics/inference-edits.ts';
import { gradientSites, modeSites, type TrainingModeGap } from '../semantics/inference-regions.ts';

export default defineRule({
  id: 'inference-without-eval',
  phase: 'deployment',
  languages: ['python'],
  severity: 'warning',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'PyTorch, nn.Module.eval and nn.Dropout: in evaluation mode dropout computes an identity function and batch normalization stops updating its statistics.',
      fr: 'PyTorch, nn.Module.eval et nn.Dropout : en mode évaluation, le dropout est la fonction identité et la normalisation par lots ne met plus à jour ses statistiques.',
    },
  },
  references: {
    course: [
      'Exemples concrets (1) : Dropout et BatchNorm — `model.eval()` # désactive Dropout et BatchNorm',
      'Typologie des suppressions possibles — Couches de régularisation (Dropout, BatchNormalization)',
    ],
    links: [
      'https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval',
      'https://docs.pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval',
    ],
  },
  libraries: ['torch', 'transformers', 'timm', 'segmentation_models_pytorch'],
  title: {
    en: 'Inference in training mode',
    fr: 'Inférence en mode entraînement',
  },
  what: {
    en: 'A PyTorch model with layers that behave differently in training (dropout, batch normalization, stochastic depth) predicts, and on that path nothing puts it in evaluation mode.',
    fr: 'Un modèle PyTorch avec des couches qui se comportent autrement à l’entraînement (dropout, normalisation par lots, profondeur stochastique) prédit, et rien sur ce chemin ne le passe en mode évaluation.',
  },
  why: {
    en: 'A new module is in training mode. Dropout then draws random masks and throws away part of what was computed, and batch normalization computes and stores statistics of every batch: work that inference does not need, and predictions that change from call to call. A fused or exported graph needs evaluation mode as well: `torch.ao.quantization.fuse_modules` refuses a model in training mode.',
    fr: 'Un module neuf est en mode entraînement. Le dropout tire alors des masques aléatoires et jette une partie du calcul, et la normalisation par lots calcule et enregistre les statistiques de chaque lot : du travail dont l’inférence n’a pas besoin, et des prédictions qui changent d’un appel à l’autre. Un graphe fusionné ou exporté demande aussi le mode évaluation : `torch.ao.quantization.fuse_modules` refuse un modèle en mode entraînement.',
  },
  instead: {
    en: 'Call `model.eval()` once after loading, or before the evaluation loop; then `model.train()` where training goes on. `from_pretrained` returns a model in evaluation mode already; `from_config`, torchvision, timm and your own classes do not, and `load_state_dict` leaves the mode as it is. Ignore the rule where dropout at inference is meant (Monte Carlo dropout).',
    fr: 'Appelez `model.eval()` une fois après le chargement, ou avant la boucle d’évaluation ; puis `model.train()` là où l’entraînement reprend. `from_pretrained` rend un modèle déjà en mode évaluation ; `from_config`, torchvision, timm et vos propres classes non, et `load_state_dict` ne change pas le mode. À ignorer si le dropout à l’inférence est voulu (dropout de Monte-Carlo).',
  },
  messages: {
    default: {
      en: '`{model}` predicts in training mode: nothing calls `{model}.eval()` before.',
      fr: '`{model}` prédit en mode entraînement : rien n’appelle `{model}.eval()` avant.',
    },
    set: {
      en: '`{model}` predicts in training mode: it was put there for training and `{model}.eval()` is not called before.',
      fr: '`{model}` prédit en mode entraînement : il y a été mis pour l’entraînement et `{model}.eval()` n’est pas appelé avant.',
    },
  },
  on: {
    module(module, context) {
      const { evaluated, gaps } = modeSites(context.flow, module);
      for (const forward of evaluated) context.pass(forward.model);
      for (const gap of gaps) {
        const model = textOf(module, gap.forward.model);
        context.fail(gap.forward.model, {
          message: gap.wasSet ? 'set' : 'default',
          data: { model: model.length > 60 ? 'model' : model },
          fixes: fixesFor(context.flow, module, gap),
        });
      }
    },
  },
  examples: {
    bad: [
      {
        code: `import torch
from flask import Flask, jsonify, request
from torch import nn

class IntentNet(nn.Module):
    def __init__(self, words, intents):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(words, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, intents)
        )

    def forward(self, x):
        return self.layers(x)

model = IntentNet(800, 12)
model.load_state_dict(torch.load("intents.pt", map_location="cpu"))

app = Flask(__name__)

@app.route("/intent", methods=["POST"])
def intent():
    bag = torch.tensor(request.json["bag"]).float()
    with torch.no_grad():
        scores = model(bag.unsqueeze(0))
    return jsonify(intent=scores.argmax(dim=1).item())
`,
        fixed: `import torch
from flask import Flask, jsonify, request
from torch import nn

class IntentNet(nn.Module):
    def __init__(self, words, intents):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(words, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, intents)
        )

    def forward(self, x):
        return self.layers(x)

model = IntentNet(800, 12)
model.load_state_dict(torch.load("intents.pt", map_location="cpu"))
model.eval()

app = Flask(__name__)

@app.route("/intent", methods=["POST"])
def intent():
    bag = torch.tensor(request.json["bag"]).float()
    with torch.no_grad():
        scores = model(bag.unsqueeze(0))
    return jsonify(intent=scores.argmax(dim=1).item())
`,
      },
      {
        code: `import torch
from torch import nn, optim
from torchvision import models
from data import train_loader, val_loader

device = torch.device("cuda")
net = models.resnet18(weights="DEFAULT")
net.fc = nn.Linear(512, 5)
net = net.to(device)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=1e-4)

for epoch in range(8):
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(images.to(device)), labels.to(device))
        loss.backward()
        optimizer.step()

    correct = 0
    with torch.no_grad():
        for images, labels in val_loader:
            outputs = net(images.to(device))
            correct += (outputs.argmax(1).cpu() == labels).sum().item()
    print(epoch, correct)
`,
        fixed: `import torch
from torch import nn, optim
from torchvision import models
from data import train_loader, val_loader

device = torch.device("cuda")
net = models.resnet18(weights="DEFAULT")
net.fc = nn.Linear(512, 5)
net = net.to(device)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=1e-4)

for epoch in range(8):
    net.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(images.to(device)), labels.to(device))
        loss.backward()
        optimizer.step()

    correct = 0
    net.eval()
    with torch.no_grad():
        for images, labels in val_loader:
            outputs = net(images.to(device))
            correct += (outputs.argmax(1).cpu() == labels).sum().item()
    print(epoch, correct)
`,
        note: {
          en: 'Training goes on after each validation: the fix puts the model back in training mode.',
          fr: 'L’entraînement reprend après chaque validation : la correction remet le modèle en mode entraînement.',
        },
      },
      {
        code: `import timm
import torch
from PIL import Image
from torchvision import transforms

class Classifier:
    def __init__(self, path):
        self.net = timm.create_model("mobilenetv3_small_100", num_classes=3)
        self.net.load_state_dict(torch.load(path))
        self.net.to("cuda")
        self.transform = transforms.ToTensor()

    @torch.no_grad()
    def predict(self, file):
        image = self.transform(Image.open(file)).unsqueeze(0).to("cuda")
        return self.net(image).softmax(dim=1).cpu().numpy()
`,
        fixed: `import timm
import torch
from PIL import Image
from torchvision import transforms

class Classifier:
    def __init__(self, path):
        self.net = timm.create_model("mobilenetv3_small_100", num_classes=3)
        self.net.load_state_dict(torch.load(path))
        self.net.to("cuda")
        self.net.eval()
        self.transform = transforms.ToTensor()

    @torch.no_grad()
    def predict(self, file):
        image = self.transform(Image.open(file)).unsqueeze(0).to("cuda")
        return self.net(image).softmax(dim=1).cpu().numpy()
`,
      },
      {
        code: `import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")
model = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)

def fit(batches):
    model.train()
    for batch in batches:
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

def classify(text):
    inputs = tokenizer(text, return_tensors="pt")
    logits = model(**inputs).logits
    return logits.argmax(-1).item()
`,
        fixed: `import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")
model = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)

def fit(batches):
    model.train()
    for batch in batches:
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

def classify(text):
    inputs = tokenizer(text, return_tensors="pt")
    model.eval()
    logits = model(**inputs).logits
    return logits.argmax(-1).item()
`,
        note: {
          en: '`from_pretrained` gives evaluation mode, but `train()` undid it.',
          fr: '`from_pretrained` donne le mode évaluation, mais `train()` l’a défait.',
        },
      },
      {
        file: 'api.py',
        code: `from contextlib import asynccontextmanager

import torch
from fastapi import FastAPI
from torchvision.models import resnet50

models = {}

@asynccontextmanager
async def lifespan(app: FastAPI):
    net = resnet50(num_classes=4)
    net.load_state_dict(torch.load("plants.pt"))
    models["plants"] = net
    yield
    models.clear()

app = FastAPI(lifespan=lifespan)

@app.post("/classify")
@torch.inference_mode()
def classify(pixels: list):
    return int(models["plants"](torch.tensor(pixels)).argmax())
`,
        fixed: `from contextlib import asynccontextmanager

import torch
from fastapi import FastAPI
from torchvision.models import resnet50

models = {}

@asynccontextmanager
async def lifespan(app: FastAPI):
    net = resnet50(num_classes=4)
    net.load_state_dict(torch.load("plants.pt"))
    net.eval()
    models["plants"] = net
    yield
    models.clear()

app = FastAPI(lifespan=lifespan)

@app.post("/classify")
@torch.inference_mode()
def classify(pixels: list):
    return int(models["plants"](torch.tensor(pixels)).argmax())
`,
        note: { en: 'Kept in a dict from the start on.', fr: 'Gardé dans un dictionnaire dès le démarrage.' },
      },
      {
        code: `import torch
from torchvision.models import densenet121

models = [densenet121(num_classes=2) for _ in range(3)]
for fold, model in enumerate(models):
    model.load_state_dict(torch.load(f"fold{fold}.pt"))
batch = torch.load("batch.pt")
with torch.no_grad():
    votes = torch.stack([model(batch) for model in models]).mean(0)
print(votes.argmax(1))
`,
        fixed: `import torch
from torchvision.models import densenet121

models = [densenet121(num_classes=2) for _ in range(3)]
for fold, model in enumerate(models):
    model.load_state_dict(torch.load(f"fold{fold}.pt"))
    model.eval()
batch = torch.load("batch.pt")
with torch.no_grad():
    votes = torch.stack([model(batch) for model in models]).mean(0)
print(votes.argmax(1))
`,
        note: { en: 'Each model where its weights come in.', fr: 'Chaque modèle là où ses poids arrivent.' },
      },
    ],
    good: [
      {
        file: 'votes.py',
        files: {
          'test_votes.py': `import torch
from data import loader
from torchvision import models
from votes import most

def load(path):
    net = models.resnet18(num_classes=10)
    net.load_state_dict(torch.load(path))
    net.eval()
    return net

if __name__ == "__main__":
    print(most([load("one.pt"), load("two.pt")], loader))
`,
        },
        code: `import torch

def most(nets, loader):
    right = 0
    for x, y in loader:
        best = None
        for net in nets:
            with torch.no_grad():
                sure = net(x).softmax(1)
            best = sure if best is None else torch.max(best, sure)
        right += (best.argmax(1) == y).sum().item()
    return right
`,
        note: {
          en: 'A script that is called test sets the mode.',
          fr: 'Un script nommé test règle le mode.',
        },
      },
      {
        code: `import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

class Mood(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.text = AutoModel.from_pretrained(name)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(768, 3)

    def forward(self, **tokens):
        return self.head(self.drop(self.text(**tokens).last_hidden_state[:, 0]))

tokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")
mood = Mood("distilbert-base-uncased")
with torch.no_grad():
    scores = mood(**tokenizer("A fine day.", return_tensors="pt"))
print(scores)
`,
        note: {
          en: 'A head that has learnt nothing, tried out.',
          fr: 'Une tête qui n’a rien appris, à l’essai.',
        },
      },
      {
        file: 'look.py',
        code: `import timm
from data import loader

net = timm.create_model("resnext50_32x4d", pretrained=True, num_classes=5)
for image, label in loader:
    output = net(image)
    print(output)
    break
`,
        note: { en: 'A look at what one batch gives.', fr: 'Un coup d’œil à ce que donne un lot.' },
      },
      {
        code: `import torch
from torch import nn
from torchvision.utils import save_image

class Painter(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.ConvTranspose2d(64, 32, 4), nn.BatchNorm2d(32), nn.ReLU(), nn.ConvTranspose2d(32, 3, 4)
        )

    def forward(self, z):
        return self.body(z)

painter = Painter()
painter.load_state_dict(torch.load("painter.pt"))
drawn = torch.randn(64, 64, 1, 1)
with torch.no_grad():
    save_image(painter(drawn), "made.png")
`,
        note: {
          en: 'Samples from noise: each batch’s own statistics are often meant.',
          fr: 'Des tirages : les statistiques propres à chaque lot y sont souvent voulues.',
        },
      },
      {
        code: `import sys
import torch
from PIL import Image
from torch import nn
from torchvision import models
from torchvision.transforms.functional import to_tensor

class Sorter(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = models.resnet18(weights="DEFAULT")
        self.net.fc = nn.Linear(512, 2)

    def forward(self, x):
        return self.net(x)

    def sort(self, path):
        self.net.eval()
        with torch.no_grad():
            return self(to_tensor(Image.open(path))[None]).argmax(1).item()

sorter = Sorter()
sorter.load_state_dict(torch.load("sorter.pt"))
for path in sys.argv[1:]:
    print(path, sorter.sort(path))
`,
        note: {
          en: 'The network inside is in evaluation mode.',
          fr: 'Le réseau à l’intérieur est en mode évaluation.',
        },
      },
      {
        code: `import glob
import torch
from PIL import Image
from torch import nn
from torchvision import models
from torchvision.transforms.functional import to_tensor

class Descriptor(nn.Module):
    def __init__(self):
        super().__init__()
        vgg = models.vgg16(weights="DEFAULT")
        self.body = nn.Sequential(*list(vgg.features.children())[:-1])
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        return self.pool(self.body(x)).flatten(1)

describe = Descriptor()
with torch.no_grad():
    found = {path: describe(to_tensor(Image.open(path))[None]) for path in glob.glob("photos/*.jpg")}
torch.save(found, "described.pt")
`,
        note: {
          en: 'Convolutions of VGG: its dropout stands in the part left out.',
          fr: 'Les convolutions de VGG : son dropout est dans la partie laissée.',
        },
      },
      {
        code: `import sys
import torch
from PIL import Image
from torch import nn
from torchvision.transforms.functional import to_tensor

class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 32, 3, padding=1)
        self.norm = nn.BatchNorm2d(32)
        self.drop = nn.Dropout(0.2)
        self.last = nn.Conv2d(32, 1, 3, padding=1)

    def forward(self, x):
        return x - self.last(torch.relu(self.first(x)))

model = Denoiser()
model.load_state_dict(torch.load("denoiser.pt"))
with torch.no_grad():
    clean = model(to_tensor(Image.open(sys.argv[1]).convert("L"))[None])
torch.save(clean, "clean.pt")
`,
        note: {
          en: 'What depends on the mode is built and never used.',
          fr: 'Ce qui dépend du mode est construit et jamais employé.',
        },
      },
      {
        code: `import torch
from torch import nn
from torchvision.models import Inception_V3_Weights, inception_v3

class Features(nn.Module):
    def __init__(self):
        super().__init__()
        net = inception_v3(weights=Inception_V3_Weights.DEFAULT)
        self.blocks = nn.ModuleList([nn.Sequential(net.Conv2d_1a_3x3, net.Conv2d_2a_3x3), net.Mixed_5b])
        for block in self.blocks:
            block.eval()

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x.mean((2, 3))

features = Features()
with torch.no_grad():
    for images, _ in loader:
        save(features(images).cpu().numpy())
`,
        note: {
          en: 'It is built in evaluation mode.',
          fr: 'Il est construit en mode évaluation.',
        },
      },
      {
        code: `import torch
from torchvision import models

if __name__ == "__main__":
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    sample = torch.randn(2, 3, 224, 224).to(device)
    net = models.resnet18(weights="DEFAULT").to(device)
    print(f"mean: {net(sample).mean().item():.4f}")
    print("std: {:.4f}".format(net(sample).std().item()), "max: %.4f" % net(sample).max().item())
`,
        note: {
          en: 'A try-out on random numbers, whatever way its result is written.',
          fr: 'Un essai sur des nombres aléatoires, quelle que soit la façon d’en écrire le résultat.',
        },
      },
      {
        code: `import torch
from torch import nn
from torchvision import models

class TextureLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = models.vgg16(weights="DEFAULT").features[:16]

    def forward(self, made, wanted):
        return nn.functional.l1_loss(self.features(made), self.features(wanted))

measure = TextureLoss().cuda()
for made, wanted in torch.load("pairs.pt"):
    print(measure(made.cuda(), wanted.cuda()).item())
`,
        note: { en: 'A loss measures; it predicts nothing.', fr: 'Une perte mesure ; elle ne prédit rien.' },
      },
      {
        code: `import torch
from torchvision.models import mobilenet_v2

def sampled(model, x, times=30):
    model.train()
    with torch.no_grad():
        draws = torch.stack([model(x).softmax(1) for _ in range(times)])
    return draws.mean(0), draws.std(0)

net = mobilenet_v2(num_classes=4)
net.load_state_dict(torch.load("net.pt"))
mean, spread = sampled(net, torch.load("x.pt"))
print(mean, spread)
`,
        note: { en: 'Dropout that samples, on purpose.', fr: 'Un dropout qui échantillonne, exprès.' },
      },
      {
        code: `import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("./spam-model")
model = AutoModelForSequenceClassification.from_pretrained("./spam-model")

def is_spam(text):
    with torch.inference_mode():
        logits = model(**tokenizer(text, return_tensors="pt")).logits
    return logits.argmax(-1).item() == 1
`,
        note: {
          en: '`from_pretrained` returns a model in evaluation mode.',
          fr: '`from_pretrained` rend un modèle en mode évaluation.',
        },
      },
      {
        file: 'main.py',
        files: {
          'evaluation.py': `import torch

def evaluate(network, loader):
    network.eval()
    correct = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (network(x).argmax(1) == y).sum().item()
    return correct
`,
        },
        code: `import torch
from torch import nn
from data import test_loader
from evaluation import evaluate

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))

net = Net()
net.load_state_dict(torch.load("net.pt"))
print(evaluate(net, test_loader))
x, _ = next(iter(test_loader))
print(net(x).argmax(1).tolist())
`,
        note: {
          en: 'The mode is set in another file.',
          fr: 'Le mode est réglé dans un autre fichier.',
        },
      },
      {
        code: `import torch
from torch import nn

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(50, 64, num_layers=2, dropout=0.3)
        self.out = nn.Linear(64, 9)

    def forward(self, x):
        return self.out(self.lstm(x)[0])

def run_epoch(model, loader, criterion, optimizer=None):
    is_training = optimizer is not None
    model.train(is_training)
    total = 0.0
    with torch.set_grad_enabled(is_training):
        for x, y in loader:
            loss = criterion(model(x), y)
            if is_training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item()
    return total / len(loader)
`,
        note: { en: 'A flag sets the mode.', fr: 'Un drapeau règle le mode.' },
      },
      {
        code: `import sys
import torch
from PIL import Image
from torch import nn
from torchvision.transforms.functional import to_pil_image, to_tensor

class Upscaler(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.conv = nn.Conv2d(1, 64, 5, padding=2)
        self.up = nn.Conv2d(64, factor**2, 3, padding=1)
        self.shuffle = nn.PixelShuffle(factor)

    def forward(self, x):
        return self.shuffle(self.up(torch.relu(self.conv(x))))

model = Upscaler(3)
model.load_state_dict(torch.load("upscaler.pt"))
image = to_tensor(Image.open(sys.argv[1]).convert("L"))
with torch.no_grad():
    result = model(image.unsqueeze(0))
to_pil_image(result[0].clamp(0, 1)).save("out.png")
`,
        note: {
          en: 'Convolutions and ReLU: the mode changes nothing.',
          fr: 'Convolutions et ReLU : le mode ne change rien.',
        },
      },
      {
        code: `import torch
from torch import nn

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.rnn = nn.GRU(32, 64)

    def forward(self, x):
        return self.rnn(self.drop(x))[1]

class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(64, 1000)

    def forward(self, state):
        return self.out(self.drop(state))

state = torch.load("captioner.pt")
encoder, decoder = Encoder(), Decoder()
encoder.load_state_dict(state["encoder"])
decoder.load_state_dict(state["decoder"])
for part in (encoder, decoder):
    part.eval()

@torch.inference_mode()
def caption(features):
    return decoder(encoder(features)).argmax(-1).tolist()
`,
        note: { en: 'A loop sets the mode of both.', fr: 'Une boucle règle le mode des deux.' },
      },
      {
        code: `import torch
from torch import nn
from torchvision.utils import save_image
from data import loader
from nets import Discriminator

class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.ConvTranspose2d(100, 64, 4), nn.BatchNorm2d(64), nn.Tanh())

    def forward(self, z):
        return self.net(z)

G, D = Generator(), Discriminator()
g_opt = torch.optim.Adam(G.parameters(), lr=2e-4)
fixed = torch.randn(16, 100, 1, 1)
for epoch in range(20):
    for real in loader:
        fake = G(torch.randn(real.size(0), 100, 1, 1))
        g_loss = -D(fake).mean()
        g_opt.zero_grad()
        g_loss.backward()
        g_opt.step()
    with torch.no_grad():
        save_image(G(fixed), f"samples/{epoch}.png")
`,
        note: {
          en: 'Samples drawn while a GAN trains show it as it trains.',
          fr: 'Les échantillons tirés pendant l’entraînement d’un GAN le montrent tel qu’il s’entraîne.',
        },
      },
      {
        code: `import torch
from torch import nn

class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16))
        self.up = nn.Conv2d(16, 1, 1)

    def forward(self, x):
        return self.up(self.down(x))

if __name__ == "__main__":
    model = UNet()
    x = torch.randn(1, 3, 256, 256)
    y = model(x)
    print(y.shape)
`,
        note: { en: 'A smoke test, not inference.', fr: 'Un essai de forme, pas une inférence.' },
      },
    ],
  },
});

function fixesFor(flow: Flow, module: Module, gap: TrainingModeGap): readonly Fix[] {
  const model = evaluatedName(flow, module, gap);
  if (!model || evaluationEdits(flow, module, gap).length === 0) return [];
  const fixes: Fix[] = [
    {
      title: {
        en: `Put ${model} in evaluation mode: ${model}.eval()`,
        fr: `Passer ${model} en mode évaluation : ${model}.eval()`,
      },
      edits: () => evaluationEdits(flow, module, gap),
    },
  ];
  const region = gradientSites(flow, module).regions.find(({ forwards }) =>
    forwards.some(({ call }) => call === gap.forward.call),
  );
  if (region && jointEdits(flow, module, gap, region).length > 0) {
    fixes.push({
      title: {
        en: `Evaluation mode and no gradients, both`,
        fr: `Mode évaluation et pas de gradients, les deux`,
      },
      imports: torchName(module).imports,
      edits: () => jointEdits(flow, module, gap, region),
    });
  }
  return fixes;
}

import { defineRule } from '../rule.ts';
import { reportGradients } from '../semantics/inference-reports.ts';

export default defineRule({
  id: 'inference-with-gradients',
  phase: 'deployment',
  languages: ['python'],
  severity: 'warning',
  status: 'stable',
  fix: 'safe',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'PyTorch, “Autograd mechanics”: in grad mode every operation is recorded and its inputs kept for backward. The memory that this takes is measured (bench/evidence).',
      fr: 'PyTorch, « Autograd mechanics » : avec les gradients, chaque opération est enregistrée et ses entrées sont gardées pour la rétropropagation. La mémoire que cela prend est mesurée (bench/evidence).',
    },
  },
  references: {
    course: [
      'Simplification de graphes — Nœuds d’entraînement : gradients',
      'Typologie des suppressions possibles — Variables non entraînées : « gradients, caches »',
    ],
    links: [
      'https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad_mode.inference_mode.html',
      'https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation',
    ],
  },
  libraries: ['torch', 'transformers', 'timm', 'segmentation_models_pytorch'],
  title: {
    en: 'Inference that records gradients',
    fr: 'Inférence qui enregistre les gradients',
  },
  what: {
    en: 'A PyTorch model predicts with autograd on: no `torch.inference_mode()` or `torch.no_grad()` around the call, on the function or in its callers, and nothing asks for gradients of the result.',
    fr: 'Un modèle PyTorch prédit avec autograd actif : ni `torch.inference_mode()` ni `torch.no_grad()` autour de l’appel, sur la fonction ou chez ses appelants, et rien ne demande de gradients du résultat.',
  },
  why: {
    en: 'Autograd then records every operation and keeps the activations of every layer in memory until the result is freed. Memory is what is saved, as measured below; on a CPU the time hardly changes. `model.eval()` does not turn gradients off.',
    fr: 'Autograd enregistre alors chaque opération et garde les activations de chaque couche en mémoire jusqu’à la libération du résultat. C’est la mémoire qui est économisée, comme mesuré ci-dessous ; sur CPU le temps ne change guère. `model.eval()` ne désactive pas les gradients.',
  },
  instead: {
    en: 'Put the prediction under `with torch.inference_mode():`, or the decorator `@torch.inference_mode()` on the function; `torch.no_grad()` where results go back into autograd or are changed in place. Ignore the rule where gradients are wanted (saliency maps, adversarial examples, style transfer).',
    fr: 'Mettez la prédiction sous `with torch.inference_mode():`, ou le décorateur `@torch.inference_mode()` sur la fonction ; `torch.no_grad()` si les résultats retournent dans autograd ou sont modifiés sur place. À ignorer si les gradients sont voulus (cartes de saillance, exemples adverses, transfert de style).',
  },
  messages: {
    default: {
      en: '`{model}` predicts with gradients on: autograd records every layer for a `backward()` that never comes.',
      fr: '`{model}` prédit avec les gradients actifs : autograd enregistre chaque couche pour un `backward()` qui ne vient jamais.',
    },
  },
  on: {
    module: (module, context) => reportGradients(module, context, false),
  },
  examples: {
    bad: [
      {
        code: `import torch
from torchvision import models

class Judge:
    '''
\tScores a trained network.
    '''

    def __init__(self, path):
        self.net = models.resnet18(num_classes=10)
        self.net.load_state_dict(torch.load(path))
        self.net.eval()

    def accuracy(self, loader):
        right, seen = 0, 0
        for images, labels in loader:
            right += (self.net(images).argmax(1) == labels).sum().item()
            seen += len(labels)
        return right / seen
`,
        fixed: `import torch
from torchvision import models

class Judge:
    '''
\tScores a trained network.
    '''

    def __init__(self, path):
        self.net = models.resnet18(num_classes=10)
        self.net.load_state_dict(torch.load(path))
        self.net.eval()

    def accuracy(self, loader):
        right, seen = 0, 0
        with torch.inference_mode():
            for images, labels in loader:
                right += (self.net(images).argmax(1) == labels).sum().item()
                seen += len(labels)
        return right / seen
`,
        note: {
          en: 'A tab in a text says nothing of how the code is indented.',
          fr: 'Une tabulation dans un texte ne dit rien de l’indentation du code.',
        },
      },
      {
        code: `import torch
from transformers import BertForSequenceClassification, BertTokenizer

tokenizer = BertTokenizer.from_pretrained("my-bert")
model = BertForSequenceClassification.from_pretrained("my-bert")
labels = ["bad", "fair", "good"]

def classify(text):
    outputs = model(**tokenizer(text, return_tensors="pt"))
    shares = torch.softmax(outputs.logits, dim=-1)[0]
    return {label: float(share) for label, share in zip(labels, shares)}
`,
        fixed: `import torch
from transformers import BertForSequenceClassification, BertTokenizer

tokenizer = BertTokenizer.from_pretrained("my-bert")
model = BertForSequenceClassification.from_pretrained("my-bert")
labels = ["bad", "fair", "good"]

def classify(text):
    with torch.inference_mode():
        outputs = model(**tokenizer(text, return_tensors="pt"))
    shares = torch.softmax(outputs.logits, dim=-1)[0]
    return {label: float(share) for label, share in zip(labels, shares)}
`,
        note: {
          en: 'Numbers leave the function, no graph.',
          fr: 'La fonction rend des nombres, pas un graphe.',
        },
      },
      {
        code: `import streamlit as st
from transformers import AutoModelForSequenceClassification, AutoTokenizer

@st.cache_resource
def load():
    name = "distilbert-base-uncased-finetuned-sst-2-english"
    return AutoTokenizer.from_pretrained(name), AutoModelForSequenceClassification.from_pretrained(name)

tokenizer, model = load()
text = st.text_area("Review")
if st.button("Rate"):
    inputs = tokenizer(text, return_tensors="pt")
    outputs = model(**inputs)
    score = outputs.logits.softmax(dim=1)[0, 1].item()
    st.write(f"{score:.0%} positive")
`,
        fixed: `import streamlit as st
from transformers import AutoModelForSequenceClassification, AutoTokenizer
import torch

@st.cache_resource
def load():
    name = "distilbert-base-uncased-finetuned-sst-2-english"
    return AutoTokenizer.from_pretrained(name), AutoModelForSequenceClassification.from_pretrained(name)

tokenizer, model = load()
text = st.text_area("Review")
if st.button("Rate"):
    inputs = tokenizer(text, return_tensors="pt")
    with torch.inference_mode():
        outputs = model(**inputs)
    score = outputs.logits.softmax(dim=1)[0, 1].item()
    st.write(f"{score:.0%} positive")
`,
      },
      {
        code: `import torch
from torch import nn
from dataset import test_loader

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x.flatten(1))

net = Net()
net.load_state_dict(torch.load("mnist.pt"))
net.eval()

correct, total = 0, 0
for images, labels in test_loader:
    outputs = net(images)
    _, predicted = torch.max(outputs.data, 1)
    total += labels.size(0)
    correct += (predicted == labels).sum().item()
print(f"accuracy: {correct / total:.3f}")
`,
        fixed: `import torch
from torch import nn
from dataset import test_loader

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x.flatten(1))

net = Net()
net.load_state_dict(torch.load("mnist.pt"))
net.eval()

correct, total = 0, 0
with torch.inference_mode():
    for images, labels in test_loader:
        outputs = net(images)
        _, predicted = torch.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
print(f"accuracy: {correct / total:.3f}")
`,
      },
      {
        code: `import numpy as np
import torch as th
from torchvision import models

encoder = models.resnet50(weights="DEFAULT").eval()

def embed(images):
    """One vector per image."""
    vectors = []
    for image in images:
        vectors.append(encoder(image.unsqueeze(0)).squeeze().detach().numpy())
    return np.stack(vectors)

@th.no_grad()
def norm(x):
    return x.norm()
`,
        fixed: `import numpy as np
import torch as th
from torchvision import models

encoder = models.resnet50(weights="DEFAULT").eval()

def embed(images):
    """One vector per image."""
    vectors = []
    with th.no_grad():
        for image in images:
            vectors.append(encoder(image.unsqueeze(0)).squeeze().detach().numpy())
    return np.stack(vectors)

@th.no_grad()
def norm(x):
    return x.norm()
`,
        note: {
          en: 'The fix writes what the file uses already.',
          fr: 'La correction écrit ce que le fichier utilise déjà.',
        },
      },
      {
        code: `import torch
from torchvision import models

model = models.resnet18()
model.load_state_dict(torch.load("leaves.pt"))

def predict(image):
    scores = model(image.unsqueeze(0))
    return scores.argmax(1).item()
`,
        fixed: `import torch
from torchvision import models

model = models.resnet18()
model.load_state_dict(torch.load("leaves.pt"))

def predict(image):
    with torch.inference_mode():
        scores = model(image.unsqueeze(0))
    return scores.argmax(1).item()
`,
        note: {
          en: 'The second action adds `model.eval()` as well.',
          fr: 'La seconde action ajoute aussi `model.eval()`.',
        },
      },
      {
        code: `import numpy as np
import torch
from shelf import Leaves

net = torch.load("net.pt").cpu()
leaves = Leaves("test")
for i in range(5):
    image, mask = leaves[i]
    found = net(torch.Tensor(image).unsqueeze(0)).detach().numpy()
    np.save(f"{i}.npy", found.argmax(axis=1))
`,
        fixed: `import numpy as np
import torch
from shelf import Leaves

net = torch.load("net.pt").cpu()
leaves = Leaves("test")
with torch.inference_mode():
    for i in range(5):
        image, mask = leaves[i]
        found = net(torch.Tensor(image).unsqueeze(0)).detach().numpy()
        np.save(f"{i}.npy", found.argmax(axis=1))
`,
        note: {
          en: '`torch.Tensor(image)` holds the image: nothing made up.',
          fr: '`torch.Tensor(image)` contient l’image : rien d’inventé.',
        },
      },
      {
        code: `from PIL import Image
from transformers import CLIPModel, CLIPProcessor

model = CLIPModel.from_pretrained("openai/clip-vit-base-patch32")
processor = CLIPProcessor.from_pretrained("openai/clip-vit-base-patch32")

def embed(path):
    inputs = processor(images=Image.open(path), return_tensors="pt")
    features = model.get_image_features(**inputs)
    return features[0].tolist()
`,
        fixed: `from PIL import Image
from transformers import CLIPModel, CLIPProcessor
import torch

model = CLIPModel.from_pretrained("openai/clip-vit-base-patch32")
processor = CLIPProcessor.from_pretrained("openai/clip-vit-base-patch32")

def embed(path):
    inputs = processor(images=Image.open(path), return_tensors="pt")
    with torch.inference_mode():
        features = model.get_image_features(**inputs)
    return features[0].tolist()
`,
        note: { en: 'Half of a model runs, too.', fr: 'La moitié d’un modèle s’exécute aussi.' },
      },
      {
        code: `import torch
from torchvision import models

def to_device(data, device):
    if isinstance(data, (list, tuple)):
        return [to_device(one, device) for one in data]
    return data.to(device, non_blocking=True)

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = models.resnet18(num_classes=6)
net.load_state_dict(torch.load("cracks.pt"))
net = to_device(net, device)
net.eval()

def label(image):
    scores = net(to_device(image.unsqueeze(0), device))
    return scores.argmax(dim=1).item()
`,
        fixed: `import torch
from torchvision import models

def to_device(data, device):
    if isinstance(data, (list, tuple)):
        return [to_device(one, device) for one in data]
    return data.to(device, non_blocking=True)

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
net = models.resnet18(num_classes=6)
net.load_state_dict(torch.load("cracks.pt"))
net = to_device(net, device)
net.eval()

def label(image):
    with torch.inference_mode():
        scores = net(to_device(image.unsqueeze(0), device))
    return scores.argmax(dim=1).item()
`,
        note: {
          en: 'One helper moves networks, tensors and lists of them.',
          fr: 'Une même fonction déplace réseaux, tenseurs et listes.',
        },
      },
      {
        code: `import torch
from zoo import *

net = BigNet(10).cuda()
net.load_state_dict(torch.load("big.pt"))
net.eval()
right = 0
for images, labels in test_loader():
    scores = net(images)
    right += (scores.argmax(1) == labels).sum().item()
print(right)
`,
        fixed: `import torch
from zoo import *

net = BigNet(10).cuda()
net.load_state_dict(torch.load("big.pt"))
net.eval()
right = 0
with torch.inference_mode():
    for images, labels in test_loader():
        scores = net(images)
        right += (scores.argmax(1) == labels).sum().item()
print(right)
`,
        note: {
          en: 'The class is out of sight; what is done to it shows a network.',
          fr: 'La classe est hors de vue ; ce qu’on en fait montre un réseau.',
        },
      },
    ],
    good: [
      {
        code: `import torch
from speechkit.encoders import BaseEncoder
from torch import nn

class Encoder(BaseEncoder):
    def __init__(self, words):
        super().__init__()
        self.embed = nn.Embedding(words, 64)
        self.convs = nn.ModuleList([nn.Conv1d(64, 64, 3), nn.Conv1d(64, 128, 3)])
        self.width = self.measured()

    def measured(self):
        x = torch.randn(2, 64, 200)
        for conv in self.convs:
            x = conv(x)
        return x.transpose(1, 2).reshape(2, -1).size(-1)

    def forward(self, tokens, lengths):
        x = self.embed(tokens)
        for conv in self.convs:
            x = conv(x)
        return x

encoder = Encoder(5000)
encoder.load_state_dict(torch.load("encoder.pt"))
encoder.eval()
with torch.no_grad():
    print(encoder(tokens, lengths))
`,
        note: {
          en: 'A model whose base class is not in sight.',
          fr: 'Un modèle dont la classe de base n’est pas visible.',
        },
      },
      {
        code: `from torch.optim import AdamW
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased", num_labels=2)
for batch in train_loader:
    break
outputs = model(**batch)
print(f"first loss: {outputs.loss}, logits: {outputs.logits.shape}")

optimizer = AdamW(model.parameters(), lr=5e-5)
for epoch in range(3):
    for batch in train_loader:
        outputs = model(**batch)
        outputs.loss.backward()
        optimizer.step()
        optimizer.zero_grad()
`,
        note: {
          en: 'One batch is shown before the training.',
          fr: 'Un lot est montré avant l’entraînement.',
        },
      },
      {
        code: `import torch
from torch import nn
from transformers import BertModel, BertTokenizer

class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.bert = BertModel.from_pretrained("bert-base-uncased")
        self.head = nn.Linear(768, 2)

    def forward(self, ids):
        pooled = self.bert(ids).pooler_output
        return pooled, self.head(pooled)

if __name__ == "__main__":
    tokenizer = BertTokenizer.from_pretrained("bert-base-uncased")
    judge = Judge()
    pooled, scores = judge(torch.tensor([tokenizer.encode("what a day")]))
    print(pooled.shape)
    print(scores)
`,
        note: {
          en: 'A network tried out at the end of its own file.',
          fr: 'Un réseau essayé à la fin de son propre fichier.',
        },
      },
      {
        code: `import torch
from facenet_pytorch import InceptionResnetV1, MTCNN
from torch import nn

class Faces(nn.Module):
    def __init__(self):
        super().__init__()
        self.finder = MTCNN()
        self.net = InceptionResnetV1(pretrained="vggface2")
        self.head = nn.Linear(512, 70)

    def forward(self, x):
        return self.head(self.net(x))

    def crop(self, picture):
        return self.finder(picture, return_prob=True)

faces = Faces()
faces.load_state_dict(torch.load("faces.pt"))
face, chance = faces.crop(camera.read())
print(f"{chance:.2f}", face.shape)
`,
        note: {
          en: 'Only the detector runs, and it turns gradients off itself.',
          fr: 'Seul le détecteur s’exécute, et il désactive lui-même les gradients.',
        },
      },
      {
        code: `import torch
from data import loader

model = torch.load("net.pt")
model.eval()
found = []
with torch.no_grad():
for images, labels in loader:
found.extend(model(images).argmax(dim=1).tolist())
`,
        note: {
          en: 'Code that has lost its indentation.',
          fr: 'Du code qui a perdu son indentation.',
        },
      },
      {
        file: 'distance.py',
        code: `import numpy as np
from inception import Inception

def activations(loader, net):
    net.eval()
    return np.concatenate([net(images).cpu().data.numpy() for images in loader])

def distance(real, made):
    net = Inception()
    return np.abs(activations(real, net).mean(0) - activations(made, net).mean(0)).sum()

print(distance(pictures("real"), pictures("made")))
`,
        files: {
          'inception.py': `from torch import nn
from torchvision import models

class Inception(nn.Module):
    def __init__(self, requires_grad=False):
        super().__init__()
        whole = models.inception_v3(weights="DEFAULT")
        self.blocks = nn.Sequential(whole.Conv2d_1a_3x3, whole.Conv2d_2a_3x3, nn.AdaptiveAvgPool2d(1))
        for weight in self.parameters():
            weight.requires_grad = requires_grad

    def forward(self, x):
        return self.blocks(x).flatten(1)
`,
        },
        note: {
          en: 'The network freezes its weights as it is built.',
          fr: 'Le réseau gèle ses poids dès sa construction.',
        },
      },
      {
        code: `import torch
from torch import nn

class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 64, batch_first=True)
        self.head = nn.Linear(64, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])

    def predict(self, rows):
        self.eval()
        with torch.no_grad():
            return self.forward(torch.as_tensor(rows)).item()

forecaster = Forecaster()
forecaster.load_state_dict(torch.load("forecaster.pt"))
print(f"{forecaster.predict(latest_rows()):.2f}")
`,
        note: {
          en: 'The method sets itself up before it turns gradients off.',
          fr: 'La méthode se prépare avant de désactiver les gradients.',
        },
      },
      {
        code: `import torch
from deeppavlov import build_model, configs
from torchvision import models

model = models.resnet50(weights="DEFAULT").eval()
with torch.no_grad():
    print(model(picture()).argmax(1).item())

model = build_model(configs.embedder.bert_embedder)

def embed(sentence):
    return model([sentence])[4]

print(embed("hello").shape)
`,
        note: {
          en: 'By the time of the call the name stands for another library’s model.',
          fr: 'À l’appel, le nom désigne le modèle d’une autre bibliothèque.',
        },
      },
      {
        code: `import torch
from torchvision import models
from data import train_loader

net = models.resnet18(weights="DEFAULT")
net.fc = torch.nn.Linear(512, 2)
right = 0
for images, labels in train_loader:
    scores = net(images)
    right += (scores.argmax(1) == labels).sum().item()
    print(scores.shape, right)
    break

optimizer = torch.optim.SGD(net.fc.parameters(), lr=0.001)
for epoch in range(5):
    for images, labels in train_loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(images), labels).backward()
        optimizer.step()
`,
        note: {
          en: 'One batch of the training data, looked at before the training.',
          fr: 'Un lot des données d’entraînement, regardé avant l’entraînement.',
        },
      },
      {
        code: `import torch
from torchvision import models

def inspect():
    net = models.resnet18()
    x = torch.zeros(1, 3, 224, 224)
    x = net.conv1(x)
    x = net.relu(net.bn1(x))
    print("after the first layer", x.size())
    x = net.layer1(net.maxpool(x))
    print("after the second", x.size())

inspect()
`,
        note: {
          en: 'Zeros go through the layers to tell their sizes.',
          fr: 'Des zéros traversent les couches pour en dire les tailles.',
        },
      },
      {
        file: 'tests/scores_test.py',
        code: `import torch
from net import Net

def test_scores():
    net = Net()
    net.load_state_dict(torch.load("net.pt"))
    scores = net(torch.load("batch.pt"))
    torch.testing.assert_close(scores.sum(1), torch.ones(len(scores)))
`,
        files: {
          'net.py':
            'from torch import nn\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.out = nn.Linear(4, 3)\n\n    def forward(self, x):\n        return self.out(x).softmax(1)\n',
        },
        note: { en: 'A unit test.', fr: 'Un test unitaire.' },
      },
      {
        code: `import torch
from torch.optim import Adam
from torchvision import models

net = models.resnet18(weights="DEFAULT").eval().cuda()


def explain(image, target, size=224):
    enlarge = torch.nn.UpsamplingBilinear2d(size=(size, size))
    mask = torch.ones(1, 1, 14, 14, device="cuda", requires_grad=True)
    optimizer = Adam([mask], lr=0.1)
    for step in range(100):
        shown = enlarge(mask)
        loss = net(image * shown)[0, target] + shown.abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    shown = enlarge(mask)
    return shown.cpu().detach().numpy()[0, 0]


print(explain(torch.load("leaf.pt").cuda(), 7).max())
`,
        note: {
          en: 'Enlarging has no weights to record for.',
          fr: 'Agrandir n’a pas de poids à enregistrer.',
        },
      },
      {
        file: 'explain.py',
        code: `import torch
from attention import Classifier

model = Classifier()
model.load_state_dict(torch.load("classifier.pt"))
model.eval()
for words in torch.load("words.pt"):
    print(model(words).argmax(dim=-1).item())
`,
        files: {
          'attention.py': `from torch import nn

class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(64, 64)
        self.gradients = None

    def keep(self, gradients):
        self.gradients = gradients

    def forward(self, x):
        weights = self.score(x).softmax(dim=-1)
        weights.register_hook(self.keep)
        return weights @ x

class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = Attention()
        self.head = nn.Linear(64, 2)

    def forward(self, x):
        return self.head(self.attention(x))
`,
        },
        note: {
          en: 'A layer hooks its tensors: without gradients the pass fails.',
          fr: 'Une couche pose des hooks sur ses tenseurs : sans gradients, la passe échoue.',
        },
      },
      {
        code: `import torch
from torchviz import make_dot
from net import Net

model = Net()
model.load_state_dict(torch.load("net.pt"))
model.eval()
make_dot(model(torch.randn(1, 3, 64, 64)), params=dict(model.named_parameters())).render("net")
`,
        note: { en: 'The pass draws the graph.', fr: 'La passe sert à dessiner le graphe.' },
      },
      {
        file: 'app.py',
        files: {
          'guards.py': `import torch

def inference(fn):
    return torch.inference_mode()(fn)
`,
        },
        code: `from guards import inference
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("intfloat/e5-small-v2")
model = AutoModel.from_pretrained("intfloat/e5-small-v2")

@inference
def embed(texts):
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    return model(**batch).last_hidden_state.mean(1).tolist()
`,
        note: { en: 'A decorator of one’s own.', fr: 'Un décorateur maison.' },
      },
      {
        code: `import torch
from torchvision import models

net = models.vgg16(weights="DEFAULT").eval()

def scores(batch):
    return net(batch).softmax(1)

def main(loader):
    with torch.no_grad():
        for batch, _ in loader:
            print(scores(batch).argmax(1).tolist())

main([])
`,
        note: { en: 'Every caller turns gradients off.', fr: 'Tous les appelants les désactivent.' },
      },
      {
        code: `import torch
from torchvision import models

model = models.resnet50(weights="DEFAULT").eval()

def saliency(image):
    image.requires_grad_()
    scores = model(image.unsqueeze(0))
    scores[0, scores.argmax()].backward()
    return image.grad.abs().amax(0)

def attack(image, label, epsilon=0.03):
    image = image.clone().requires_grad_(True)
    loss = torch.nn.functional.cross_entropy(model(image.unsqueeze(0)), label)
    gradient, = torch.autograd.grad(loss, image)
    return (image + epsilon * gradient.sign()).clamp(0, 1)
`,
        note: { en: 'Gradients on purpose.', fr: 'Des gradients voulus.' },
      },
      {
        code: `import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

tokenizer = AutoTokenizer.from_pretrained("distilgpt2")
model = AutoModelForCausalLM.from_pretrained("distilgpt2")
prompt = tokenizer("Once upon a time", return_tensors="pt")
print(tokenizer.decode(model.generate(**prompt, max_new_tokens=40)[0]))
classify = pipeline("sentiment-analysis", model="distilbert-base-uncased-finetuned-sst-2-english")
print(classify("Fine."))
`,
        note: {
          en: '`generate` and pipelines turn gradients off themselves.',
          fr: '`generate` et les pipelines les désactivent eux-mêmes.',
        },
      },
      {
        code: `import gymnasium as gym
import torch
from torch import nn
from torch.distributions import Categorical

class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2))
        self.log_probs = []

    def forward(self, x):
        return self.net(x).softmax(-1)

policy = Policy()
optimizer = torch.optim.Adam(policy.parameters())

def select_action(state):
    choice = Categorical(policy(torch.from_numpy(state)))
    action = choice.sample()
    policy.log_probs.append(choice.log_prob(action))
    return action.item()

def finish(rewards):
    loss = torch.stack([-p * r for p, r in zip(policy.log_probs, rewards)]).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    policy.log_probs.clear()

env = gym.make("CartPole-v1")
for episode in range(100):
    state, _ = env.reset()
    rewards = []
    for _ in range(500):
        state, reward, done, _, _ = env.step(select_action(state))
        rewards.append(reward)
        if done:
            break
    finish(rewards)
`,
        note: {
          en: 'The log-probability is differentiated later, in another function.',
          fr: 'La log-probabilité est dérivée plus tard, dans une autre fonction.',
        },
      },
      {
        code: `import torch
from torch import nn

torch.set_grad_enabled(False)
model = nn.Sequential(nn.Linear(10, 10), nn.Dropout(0.1), nn.Linear(10, 2))
model.load_state_dict(torch.load("m.pt"))
model.eval()
for line in open("rows.csv"):
    row = torch.tensor([float(x) for x in line.split(",")])
    print(model(row).argmax().item())
`,
      },
      {
        code: `import torch
from torchvision import models

net = models.resnet18(weights="DEFAULT").eval()
for parameter in net.parameters():
    parameter.requires_grad = False

def describe(batch):
    return net(batch).numpy()

print(describe(torch.load("batch.pt")))
`,
        note: {
          en: 'No weight asks for gradients, so none are recorded.',
          fr: 'Aucun poids ne demande de gradients : rien n’est enregistré.',
        },
      },
      {
        code: `import torch
from pytorch_pretrained_bert import BertForSequenceClassification

def label(loader):
    model = BertForSequenceClassification.from_pretrained("bert", num_labels=4)
    model.load_state_dict(torch.load("toxic.bin"))
    for weight in model.parameters():
        weight.requires_grad = False
    model.eval()
    return [model(ids).argmax(1) for ids, in loader]

print(label(torch.load("batches.pt")))
`,
        note: {
          en: 'The same with a model of a library that is not known.',
          fr: 'De même avec un modèle d’une bibliothèque inconnue.',
        },
      },
    ],
  },
});

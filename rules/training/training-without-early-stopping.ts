import type { ArgumentLookup, Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Loop, Module, Stmt } from '../../analysis/model.ts';
import { descendants, enclosingLoops, lastName } from '../../analysis/tree.ts';
import { addArgument, indentAt, indentUnit, insertAfter, insertBefore, newlineOf, textOf } from '../edits.ts';
import { EARLY_STOPPING_ARGUMENTS } from '../knowledge/early-stopping.ts';
import { TRAINING_NAMES, type Training, trainingOf } from '../knowledge/trains.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { callbacksStop, forgottenStopper, loopEnd, type Stops } from '../semantics/early-stopping.ts';
import { INVENTS, isInvented } from '../semantics/invented.ts';
import { slice } from '../semantics/slice.ts';
import { isStepLoop } from '../semantics/torch-training.ts';
import {
  type EpochLoop,
  epochLoops,
  hasNoStoppingMetric,
  isRun,
  loopHead,
  loopVariable,
  validates,
} from '../semantics/training.ts';

/** Epochs below which stopping early saves little. */
const MIN_EPOCHS = 10;
/** Without held-out data only a long training is a plain case: the training loss is all there is to stop at. */
const MIN_EPOCHS_UNVALIDATED = 200;
/** Boosting rounds, iterations: cheaper than epochs. */
const MIN_ROUNDS = 200;
/** Rounds of boosting that are many where the fit is given nothing to watch. */
const MIN_ROUNDS_UNWATCHED = 500;

/** Frameworks whose fits are judged here; others train by budgets or stop by themselves. */
const PIPELINE_FIT = 'sklearn.pipeline.Pipeline.fit';
const JUDGED = new Set(['keras', 'lightning', 'transformers', 'xgboost', 'lightgbm', 'catboost', 'sklearn']);

export default defineRule({
  id: 'training-without-early-stopping',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'Course, « Limiter les itérations inutiles » : every epoch after convergence is spent for nothing. How many depends on the data.',
      fr: 'Cours, « Limiter les itérations inutiles » : chaque époque après la convergence est dépensée pour rien. Combien, cela dépend des données.',
    },
  },
  references: {
    course: [
      "Phase d'entraînement — Limiter les itérations inutiles : « Arrêter l'entraînement dès la convergence (early stopping) »",
      'Quand faire quoi — Entraînement : « Transfer learning, early stopping »',
      "Phase de conception — Optimiser le pipeline d'apprentissage : « Réduction du nombre d'époques d'entraînement »",
    ],
    links: ['https://keras.io/api/callbacks/early_stopping/'],
  },
  libraries: [
    'keras',
    'tensorflow',
    'torch',
    'lightning',
    'pytorch_lightning',
    'transformers',
    'xgboost',
    'lightgbm',
    'catboost',
    'sklearn',
    'accelerate',
  ],
  title: { en: 'Training that runs all its epochs', fr: 'Entraînement qui va au bout de ses epochs' },
  what: {
    en: 'A training of 10 epochs or more (200 boosting rounds, or 200 epochs where nothing is held out for validation) that nothing ends when its metric no longer improves. A callback that is built but never passed stops nothing; `patience` of `ReduceLROnPlateau` lowers the learning rate and stops nothing either; keeping the best weights without leaving the loop saves no epoch.',
    fr: 'Un entraînement d’au moins 10 epochs (200 itérations de boosting, ou 200 epochs s’il n’y a pas de validation) que rien n’arrête quand sa métrique ne progresse plus. Un callback construit mais jamais transmis n’arrête rien ; la `patience` de `ReduceLROnPlateau` réduit le taux d’apprentissage sans rien arrêter ; garder les meilleurs poids sans quitter la boucle n’économise aucune epoch.',
  },
  why: {
    en: 'Each epoch after convergence costs as much as the ones before and gives nothing. How many there are depends on the data and cannot be told from the source, so Frugal gives no percentage. Early stopping also returns the best weights instead of the last.',
    fr: 'Chaque epoch après la convergence coûte autant que les précédentes et n’apporte rien. Leur nombre dépend des données et ne se lit pas dans le code : Frugal ne donne donc aucun pourcentage. L’arrêt anticipé rend aussi les meilleurs poids plutôt que les derniers.',
  },
  instead: {
    en: 'Watch a validation metric and stop after a few epochs without gain, keeping the best weights. Ignore the rule where the number of epochs is itself the result of an earlier search, in adversarial or reinforcement learning, and in pretraining by a budget of steps.',
    fr: 'Surveillez une métrique de validation et arrêtez après quelques epochs sans progrès, en gardant les meilleurs poids. À ignorer si le nombre d’epochs résulte d’une recherche précédente, en apprentissage adverse ou par renforcement, et en pré-entraînement à budget de pas fixé.',
  },
  messages: {
    default: {
      en: '{what} runs {rounds} {unit} whatever the metric does: nothing stops it early.',
      fr: '{what} effectue {rounds} {unit} quoi que dise la métrique : rien ne l’arrête avant la fin.',
    },
    forgotten: {
      en: '`{stopper}` is built but never passed to {what}: it stops nothing.',
      fr: '`{stopper}` est construit mais n’est pas transmis à {what} : il n’arrête rien.',
    },
    loop: {
      en: 'This loop trains for {rounds} epochs whatever the metric does: nothing stops it early.',
      fr: 'Cette boucle entraîne pendant {rounds} epochs quoi que dise la métrique : rien ne l’arrête avant la fin.',
    },
    endless: {
      en: 'This training loop has no end that a metric decides.',
      fr: 'Cette boucle d’entraînement n’a pas de fin décidée par une métrique.',
    },
  },
  on: {
    calls: { names: [...TRAINING_NAMES, PIPELINE_FIT], check: checkCall },
    module(module, context) {
      for (const epochLoop of epochLoops(module, context.flow)) checkLoop(epochLoop, module, context);
    },
  },
  examples: {
    bad: [
      {
        code: 'from tensorflow import keras\n\nmodel = keras.Sequential([keras.layers.Dense(10)])\nmodel.compile(loss="mse")\nmodel.fit(x_train, y_train, epochs=50, validation_split=0.2)\n',
        fixed:
          'from tensorflow import keras\nfrom tensorflow.keras.callbacks import EarlyStopping\n\nmodel = keras.Sequential([keras.layers.Dense(10)])\nmodel.compile(loss="mse")\nmodel.fit(x_train, y_train, epochs=50, validation_split=0.2, callbacks=[EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)])\n',
      },
      {
        code: 'from keras.models import Sequential\nfrom keras.layers import Dense\nfrom keras.callbacks import EarlyStopping, ModelCheckpoint\n\nEPOCHS = 100\nmodel = Sequential([Dense(1)])\nstopper = EarlyStopping(monitor="val_loss", patience=3)\ncheckpoint = ModelCheckpoint("best.keras", save_best_only=True)\nmodel.fit(x, y, epochs=EPOCHS, validation_data=(xv, yv), callbacks=[checkpoint])\n',
        fixed:
          'from keras.models import Sequential\nfrom keras.layers import Dense\nfrom keras.callbacks import EarlyStopping, ModelCheckpoint\n\nEPOCHS = 100\nmodel = Sequential([Dense(1)])\nstopper = EarlyStopping(monitor="val_loss", patience=3)\ncheckpoint = ModelCheckpoint("best.keras", save_best_only=True)\nmodel.fit(x, y, epochs=EPOCHS, validation_data=(xv, yv), callbacks=[checkpoint, stopper])\n',
        note: { en: 'Built, never passed.', fr: 'Construit, jamais transmis.' },
      },
      {
        code: 'import torch\n\nmodel = torch.nn.Linear(4, 1)\noptimizer = torch.optim.Adam(model.parameters())\nfor epoch in range(100):\n    for x, y in train_loader:\n        optimizer.zero_grad()\n        loss = criterion(model(x), y)\n        loss.backward()\n        optimizer.step()\n    val_loss = evaluate(model, val_loader)\n    print(epoch, val_loss)\n',
        fixed:
          'import torch\nimport copy\n\nmodel = torch.nn.Linear(4, 1)\noptimizer = torch.optim.Adam(model.parameters())\nbest_val_loss, epochs_without_gain = float("inf"), 0\nfor epoch in range(100):\n    for x, y in train_loader:\n        optimizer.zero_grad()\n        loss = criterion(model(x), y)\n        loss.backward()\n        optimizer.step()\n    val_loss = evaluate(model, val_loader)\n    print(epoch, val_loss)\n    if val_loss < best_val_loss:\n        best_val_loss, epochs_without_gain = val_loss, 0\n        best_state = copy.deepcopy(model.state_dict())\n    else:\n        epochs_without_gain += 1\n        if epochs_without_gain >= 5:\n            break\nmodel.load_state_dict(best_state)\n',
      },
      {
        code: 'import lightning as L\nfrom model import LitNet\n\ntrainer = L.Trainer(max_epochs=200, accelerator="auto")\ntrainer.fit(LitNet(), datamodule)\n',
        files: {
          'model.py':
            'import lightning as L\n\nclass LitNet(L.LightningModule):\n    def validation_step(self, batch, index):\n        self.log("valid_loss", self(batch))\n',
        },
        fixed:
          'import lightning as L\nfrom model import LitNet\nfrom lightning.pytorch.callbacks import EarlyStopping\n\ntrainer = L.Trainer(max_epochs=200, accelerator="auto", callbacks=[EarlyStopping(monitor="valid_loss", patience=5)])\ntrainer.fit(LitNet(), datamodule)\n',
      },
      {
        code: 'import lightgbm as lgb\n\nparams = {"objective": "binary"}\nbooster = lgb.train(params, train_set, num_boost_round=5000, valid_sets=[valid_set])\n',
        fixed:
          'import lightgbm as lgb\n\nparams = {"objective": "binary"}\nbooster = lgb.train(params, train_set, num_boost_round=5000, valid_sets=[valid_set], callbacks=[lgb.early_stopping(50)])\n',
      },
      {
        code: 'from sklearn.neural_network import MLPClassifier\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n\nclf = make_pipeline(StandardScaler(), MLPClassifier((256, 128), max_iter=1000, tol=0))\nclf.fit(x_train, y_train)\n',
        fixed:
          'from sklearn.neural_network import MLPClassifier\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n\nclf = make_pipeline(StandardScaler(), MLPClassifier((256, 128), max_iter=1000, tol=0, early_stopping=True))\nclf.fit(x_train, y_train)\n',
        note: {
          en: 'The last step of a pipeline, its tolerance turned off.',
          fr: 'La dernière étape d’un pipeline, sans sa tolérance.',
        },
      },
      {
        code: 'import xgboost as xgb\n\nparams = {"eta": 0.05}\nbooster = xgb.train(params, dtrain, num_boost_round=2000, evals=[(dvalid, "valid")])\n',
        fixed:
          'import xgboost as xgb\n\nparams = {"eta": 0.05}\nbooster = xgb.train(params, dtrain, num_boost_round=2000, evals=[(dvalid, "valid")], callbacks=[xgb.callback.EarlyStopping(rounds=50, save_best=True)])\n',
      },
      {
        code: 'import torch\nfrom steps import evaluate, train_step\nfrom torchvision.models import resnet18\n\nnet = resnet18(num_classes=4)\noptimizer = torch.optim.Adam(net.parameters())\nfor epoch in range(60):\n    train_step(net, train_loader, optimizer)\n    acc = evaluate(net, val_loader)\n    print(epoch, acc)\n',
        files: {
          'steps.py':
            'import torch\n\ndef train_step(model, loader, optimizer):\n    for x, y in loader:\n        optimizer.zero_grad()\n        torch.nn.functional.cross_entropy(model(x), y).backward()\n        optimizer.step()\n\n@torch.no_grad()\ndef evaluate(model, loader):\n    return sum((model(x).argmax(1) == y).float().mean().item() for x, y in loader) / len(loader)\n',
        },
        fixed:
          'import torch\nfrom steps import evaluate, train_step\nfrom torchvision.models import resnet18\nimport copy\n\nnet = resnet18(num_classes=4)\noptimizer = torch.optim.Adam(net.parameters())\nbest_acc, epochs_without_gain = float("-inf"), 0\nfor epoch in range(60):\n    train_step(net, train_loader, optimizer)\n    acc = evaluate(net, val_loader)\n    print(epoch, acc)\n    if acc > best_acc:\n        best_acc, epochs_without_gain = acc, 0\n        best_state = copy.deepcopy(net.state_dict())\n    else:\n        epochs_without_gain += 1\n        if epochs_without_gain >= 5:\n            break\nnet.load_state_dict(best_state)\n',
        note: {
          en: 'The model and the metric go through functions of another file.',
          fr: 'Le modèle et la métrique passent par des fonctions d’un autre fichier.',
        },
      },
      {
        code: 'from sklearn.ensemble import GradientBoostingClassifier\n\nclf = GradientBoostingClassifier(n_estimators=1000)\nclf.fit(x, y)\n',
        fixed:
          'from sklearn.ensemble import GradientBoostingClassifier\n\nclf = GradientBoostingClassifier(n_estimators=1000, n_iter_no_change=10)\nclf.fit(x, y)\n',
      },
      {
        code: 'import torch\nfrom torch.utils.data import DataLoader, random_split\n\nEPOCHS = 60\n\ndef main(dataset, model):\n    train_set, val_set = random_split(dataset, [900, 100], generator=torch.Generator().manual_seed(7))\n    train_loader, val_loader = DataLoader(train_set), DataLoader(val_set)\n    optimizer = torch.optim.Adam(model.parameters())\n    print("training began")\n    for epoch in range(EPOCHS):\n        model.train()\n        for x, y in train_loader:\n            optimizer.zero_grad()\n            torch.nn.functional.cross_entropy(model(x), y).backward()\n            optimizer.step()\n        print(epoch, evaluate(model, val_loader))\n\nif __name__ == "__main__":\n    main(load(), Net())\n',
        note: {
          en: 'A generator of random numbers makes no GAN.',
          fr: 'Un générateur de nombres aléatoires ne fait pas un GAN.',
        },
      },
      {
        code: 'from tensorflow.keras import Sequential\nfrom tensorflow.keras.layers import Dense\n\nnet = Sequential([Dense(64), Dense(1)])\nnet.compile("adam", "mse")\nlosses = []\nfor epoch in range(1, 41):\n    history = net.fit(x, y, validation_data=(xv, yv), epochs=1, verbose=0)\n    losses.append(history.history["val_loss"][0])\n',
        note: {
          en: 'The loop counts the epochs, one `fit` each.',
          fr: 'La boucle compte les epochs, un `fit` chacune.',
        },
      },
      {
        code: 'from keras.callbacks import ReduceLROnPlateau\nfrom keras.layers import Dense\nfrom keras.models import Sequential\n\nmodel = Sequential([Dense(7, activation="softmax")])\nmodel.compile(loss="categorical_crossentropy")\nslower = ReduceLROnPlateau(monitor="val_accuracy", patience=3)\nmodel.fit_generator(generator=train_images, validation_data=val_images, epochs=25, callbacks=[slower])\n',
        fixed:
          'from keras.callbacks import ReduceLROnPlateau, EarlyStopping\nfrom keras.layers import Dense\nfrom keras.models import Sequential\n\nmodel = Sequential([Dense(7, activation="softmax")])\nmodel.compile(loss="categorical_crossentropy")\nslower = ReduceLROnPlateau(monitor="val_accuracy", patience=3)\nmodel.fit_generator(generator=train_images, validation_data=val_images, epochs=25, callbacks=[slower, EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)])\n',
        note: { en: 'A generator of batches makes no GAN.', fr: 'Un générateur de lots ne fait pas un GAN.' },
      },
      {
        code: 'import torch\nfrom tqdm import tqdm\nfrom steps import evaluate, train_step\n\nnet = torch.nn.Sequential(torch.nn.Conv2d(3, 64, 3), torch.nn.Flatten(), torch.nn.LazyLinear(9))\noptimizer = torch.optim.AdamW(net.parameters())\nwith tqdm(range(100), desc="Epochs") as rounds:\n    for epoch in rounds:\n        train_step(net, train_loader, optimizer)\n        val_loss = evaluate(net, val_loader)\n        rounds.set_postfix(val_loss=val_loss)\n',
        files: {
          'steps.py':
            'import torch\n\ndef train_step(model, loader, optimizer):\n    for x, y in loader:\n        optimizer.zero_grad()\n        torch.nn.functional.cross_entropy(model(x), y).backward()\n        optimizer.step()\n\n@torch.no_grad()\ndef evaluate(model, loader):\n    return sum(torch.nn.functional.cross_entropy(model(x), y).item() for x, y in loader) / len(loader)\n',
        },
        fixed:
          'import torch\nfrom tqdm import tqdm\nfrom steps import evaluate, train_step\nimport copy\n\nnet = torch.nn.Sequential(torch.nn.Conv2d(3, 64, 3), torch.nn.Flatten(), torch.nn.LazyLinear(9))\noptimizer = torch.optim.AdamW(net.parameters())\nwith tqdm(range(100), desc="Epochs") as rounds:\n    best_val_loss, epochs_without_gain = float("inf"), 0\n    for epoch in rounds:\n        train_step(net, train_loader, optimizer)\n        val_loss = evaluate(net, val_loader)\n        rounds.set_postfix(val_loss=val_loss)\n        if val_loss < best_val_loss:\n            best_val_loss, epochs_without_gain = val_loss, 0\n            best_state = copy.deepcopy(net.state_dict())\n        else:\n            epochs_without_gain += 1\n            if epochs_without_gain >= 5:\n                break\n    net.load_state_dict(best_state)\n',
        note: {
          en: 'The progress bar is opened by `with`.',
          fr: 'La barre de progression est ouverte par `with`.',
        },
      },
      {
        code: 'from pytorch_lightning import Trainer\nfrom task import Task\n\ntrainer = Trainer(max_epochs=40, fast_dev_run=False, max_time=None)\ntrainer.fit(Task())\n',
        files: {
          'task.py':
            'import pytorch_lightning as pl\n\nclass Task(pl.LightningModule):\n    def validation_step(self, batch, index):\n        self.log("val_loss", self(batch))\n',
        },
        fixed:
          'from pytorch_lightning import Trainer\nfrom task import Task\nfrom pytorch_lightning.callbacks import EarlyStopping\n\ntrainer = Trainer(max_epochs=40, fast_dev_run=False, max_time=None, callbacks=[EarlyStopping(monitor="val_loss", patience=5)])\ntrainer.fit(Task())\n',
        note: { en: 'Limits written out as off.', fr: 'Des limites écrites, mais désactivées.' },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.model_selection import train_test_split\nfrom xgboost import XGBRegressor\n\nhouses = pd.read_csv("houses.csv")\nx_learn, x_check, y_learn, y_check = train_test_split(houses.drop(columns=["price"]), houses["price"])\nmodel = XGBRegressor(n_estimators=800)\nmodel.fit(x_learn, y_learn)\nprint(model.score(x_check, y_check))\n',
        note: {
          en: 'What was split off is there to stop at.',
          fr: 'Ce qui a été séparé est là pour s’arrêter.',
        },
      },
      {
        code: 'import torch\nimport params\nfrom net import Scorer, batches\n\nnet = Scorer()\noptimizer = torch.optim.AdamW(net.parameters())\nlearn, watch = batches("pairs.json")\nfor epoch in range(params.epochs):\n    for x, y in learn:\n        torch.nn.functional.mse_loss(net(x), y).backward()\n        optimizer.step()\n        optimizer.zero_grad()\n    loss_sum_valid = 0\n    with torch.no_grad():\n        for x, y in watch:\n            loss_sum_valid += torch.nn.functional.mse_loss(net(x), y).item()\n    print(loss_sum_valid)\n',
        files: { 'params.py': 'epochs = 15\n' },
        fixed:
          'import torch\nimport params\nfrom net import Scorer, batches\n\nnet = Scorer()\noptimizer = torch.optim.AdamW(net.parameters())\nlearn, watch = batches("pairs.json")\nbest_loss_sum_valid, epochs_without_gain = float("inf"), 0\nfor epoch in range(params.epochs):\n    for x, y in learn:\n        torch.nn.functional.mse_loss(net(x), y).backward()\n        optimizer.step()\n        optimizer.zero_grad()\n    loss_sum_valid = 0\n    with torch.no_grad():\n        for x, y in watch:\n            loss_sum_valid += torch.nn.functional.mse_loss(net(x), y).item()\n    print(loss_sum_valid)\n    if loss_sum_valid < best_loss_sum_valid:\n        best_loss_sum_valid, epochs_without_gain = loss_sum_valid, 0\n    else:\n        epochs_without_gain += 1\n        if epochs_without_gain >= 5:\n            break\n',
        note: {
          en: 'The metric’s name ends with what it is measured on.',
          fr: 'Le nom de la métrique finit par ce sur quoi on la mesure.',
        },
      },
    ],
    good: [
      {
        code: `from sklearn.model_selection import StratifiedKFold
from xgboost import XGBClassifier

for train, test in StratifiedKFold(5).split(x, y):
    model = XGBClassifier(n_estimators=200, max_depth=4)
    model.fit(x[train], y[train])
    print(model.score(x[test], y[test]))
`,
        note: {
          en: 'A moderate number of trees, and nothing to watch.',
          fr: 'Un nombre modéré d’arbres, et rien à surveiller.',
        },
      },
      {
        code: `import torch

net = torch.nn.Linear(8, 2)
optimizer = torch.optim.Adam(net.parameters())

def rounds(loader, learn):
    right = 0
    for x, y in loader:
        out = net(x)
        right += (out.argmax(1) == y).sum().item()
        if learn:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(out, y).backward()
            optimizer.step()
    return right

def evaluate():
    scores = []
    for repetition in range(20):
        scores.append(rounds(val_loader, learn=False))
    return sum(scores)

for i in range(100):
    rounds(train_loader, learn=True)
    if evaluate() > 900:
        break
`,
        note: {
          en: 'The evaluation runs the training’s own helper, and learns nothing.',
          fr: 'L’évaluation emploie la fonction de l’entraînement et n’apprend rien.',
        },
      },
      {
        code: `import torch

def fit(net, loader, epochs):
    optimizer = torch.optim.Adam(net.parameters())
    for epoch in range(epochs):
        train_loss, val_loss = [], []
        for x, y in loader:
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(net(x), y)
            loss.backward()
            optimizer.step()
            train_loss.append(loss.item())
        print(epoch, sum(train_loss))  # no validation yet

fit(Net(), train_loader, 25)
`,
        note: { en: 'Validation is planned, not written.', fr: 'Validation prévue, pas écrite.' },
      },
      {
        code: `from transformers import AutoModelForSeq2SeqLM, Trainer, TrainingArguments

model = AutoModelForSeq2SeqLM.from_pretrained("t5-small")
trainer = Trainer(model=model, args=TrainingArguments("out", num_train_epochs=12), train_dataset=pairs)
trainer.train()
`,
        note: { en: 'No data to evaluate on.', fr: 'Aucune donnée d’évaluation.' },
      },
      {
        code: `from tensorflow.keras import Sequential
from tensorflow.keras.layers import LSTM, Dense

net = Sequential([LSTM(32), Dense(1)])
net.compile("adam", "mse")
net.fit(windows, following, epochs=30)
`,
        note: { en: 'Thirty epochs, nothing held out.', fr: 'Trente epochs, rien de réservé.' },
      },
      {
        code: `from sklearn.neural_network import MLPRegressor

reg = MLPRegressor(hidden_layer_sizes=(64, 32), max_iter=100000)
reg.fit(x, y)
`,
        note: {
          en: 'A high limit, and the library’s tolerance well before it.',
          fr: 'Une limite haute, et la tolérance de la bibliothèque bien avant.',
        },
      },
      {
        code: `import torch

def learn(world, agent, n_episodes):
    for i in range(n_episodes):
        agent.memory.extend(play(world, agent))
        agent.update(agent.memory.sample())
        if i % 50 == 0:
            print(evaluate(world, agent))

class Agent:
    def __init__(self):
        self.net = torch.nn.Linear(8, 2)
        self.optimizer = torch.optim.Adam(self.net.parameters())

    def update(self, batch):
        self.optimizer.zero_grad()
        torch.nn.functional.mse_loss(self.net(batch.states), batch.values).backward()
        self.optimizer.step()

learn(World(), Agent(), n_episodes=3000)
`,
        note: { en: 'An agent learns from what it does.', fr: 'Un agent apprend de ce qu’il fait.' },
      },
      {
        code: `import torch

class Painter:
    def __init__(self, net):
        self.net = net
        self.optimizer = torch.optim.Adam(net.parameters())

    def train(self, loader):
        for x in loader:
            t = torch.randint(0, 1000, (len(x),))
            x_t, noise = self.blur(x, t)
            pred_noise = self.net(x_t, t)
            loss = torch.nn.functional.mse_loss(pred_noise, noise)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

painter = Painter(torch.load("net.pt"))
for epoch in range(300):
    painter.train(loader)
`,
        note: {
          en: 'The step itself, in another function, shows a diffusion model.',
          fr: 'Le pas, dans une autre fonction, montre un modèle de diffusion.',
        },
      },
      {
        code: `import torch

net = torch.load("net.pt")
optimizer = torch.optim.AdamW(net.parameters())
for nb_iter in range(start_iter, 100000):
    x, y = next(batches)
    loss = torch.nn.functional.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if nb_iter % 1000 == 0:
        print(evaluate(net, val_loader))
`,
        note: { en: 'Rounds that each take one batch.', fr: 'Des tours d’un lot chacun.' },
      },
      {
        code: `import torch
from torch.optim.swa_utils import SWALR, AveragedModel

model = torch.load("net.pt")
averaged = AveragedModel(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = SWALR(optimizer, swa_lr=0.02)
best = 0
for epoch in range(60):
    for x, y in train_loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    if epoch >= 45:
        averaged.update_parameters(model)
        scheduler.step()
    val_acc = evaluate(averaged, val_loader)
    best = max(best, val_acc)
`,
        note: {
          en: 'The last epochs are there to be averaged.',
          fr: 'Les dernières époques servent à faire la moyenne.',
        },
      },
      {
        code: `from pytorch_lightning import Trainer
from task import Task

trainer = Trainer(gpus=1, max_epochs=80, early_stop_callback=False)
trainer.fit(Task())
`,
        note: {
          en: 'Lightning before 1.0, told not to.',
          fr: 'Lightning avant 1.0, prié de ne pas le faire.',
        },
      },
      {
        code: 'import pandas as pd\nfrom xgboost import XGBRegressor\n\nhouses = pd.read_csv("houses.csv")\nmodel = XGBRegressor(n_estimators=500, learning_rate=0.08)\nmodel.fit(houses.drop(columns=["price"]), houses["price"])\n',
        note: {
          en: 'A last fit on all data has nothing to stop at.',
          fr: 'Un dernier entraînement sur toutes les données n’a rien à quoi s’arrêter.',
        },
      },
      {
        code: 'from tensorflow.keras.callbacks import EarlyStopping\nfrom tensorflow.keras.models import Sequential\n\nmodel = Sequential()\nmodel.fit(x, y, epochs=100, callbacks=[EarlyStopping(patience=3)])\n',
      },
      {
        code: 'import keras\n\nclass StopAtMinimum(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n        if logs["loss"] < 0.1:\n            self.model.stop_training = True\n\nmodel = keras.Sequential()\nmodel.fit(x, y, epochs=100, callbacks=[StopAtMinimum()])\n',
        note: { en: 'A callback of one’s own.', fr: 'Un callback maison.' },
      },
      {
        code: 'import argparse\nimport keras\n\nparser = argparse.ArgumentParser()\nparser.add_argument("--epochs", type=int, default=5)\nargs = parser.parse_args()\nmodel = keras.Sequential()\nmodel.fit(x, y, epochs=args.epochs)\n',
        note: { en: 'Five epochs.', fr: 'Cinq epochs.' },
      },
      {
        code: 'import torch\n\nbest, wait = float("inf"), 0\nfor epoch in range(200):\n    for x, y in train_loader:\n        loss = criterion(model(x), y)\n        loss.backward()\n        optimizer.step()\n    val_loss = evaluate(model, val_loader)\n    if val_loss < best:\n        best, wait = val_loss, 0\n    else:\n        wait += 1\n        if wait > 5:\n            break\n',
      },
      {
        code: 'import torch\n\nfor epoch in range(200):\n    for real, _ in loader:\n        d_loss = criterion(discriminator(real), ones)\n        d_loss.backward()\n        optimizer_d.step()\n        g_loss = criterion(discriminator(generator(noise)), ones)\n        g_loss.backward()\n        optimizer_g.step()\n',
        note: {
          en: 'An adversarial pair has no metric to stop at.',
          fr: 'Un couple adverse n’a pas de métrique d’arrêt.',
        },
      },
      {
        code: 'import keras\nimport numpy as np\n\nclass Pair:\n    def __init__(self):\n        self.critic = keras.Sequential([keras.layers.Dense(1)])\n        self.critic.compile(loss="mse")\n\n    def train(self, images, epochs):\n        for epoch in range(epochs):\n            batch = images[np.random.randint(0, len(images), 32)]\n            self.critic.train_on_batch(batch, np.ones((32, 1)))\n\nPair().train(load_images(), epochs=10000)\n',
      },
      {
        code: 'import keras\n\nclass Painter(keras.Model):\n    def __init__(self, generator, discriminator):\n        super().__init__()\n        self.generator, self.discriminator = generator, discriminator\n\n    def train_step(self, real):\n        return {"d_loss": 0, "g_loss": 0}\n\npainter = Painter(build_g(), build_d())\npainter.fit(images, epochs=100)\n',
      },
      {
        code: 'import keras\n\nmodel = keras.Sequential()\nfirst = model.fit(x, y, epochs=100, callbacks=[keras.callbacks.EarlyStopping(patience=2)])\nbest_epoch = min(range(100), key=lambda i: first.history["val_loss"][i])\nfinal = keras.Sequential()\nfinal.fit(x_all, y_all, epochs=int(best_epoch * 1.2))\n',
        note: {
          en: 'A refit for the number of epochs found before.',
          fr: 'Réentraînement au nombre d’epochs déjà trouvé.',
        },
      },
      {
        code: 'from transformers import AutoModelForCausalLM\n\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\nmodel.generate(ids, num_beams=4, early_stopping=True, max_new_tokens=20)\n',
        note: { en: 'Beam search, not training.', fr: 'Recherche en faisceau, pas un entraînement.' },
      },
      {
        code: 'import torch\n\nx = torch.linspace(0, 1, 100)[:, None]\nmodel = torch.nn.Linear(1, 1)\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor step in range(1000):\n    optimizer.zero_grad()\n    ((model(x) - 3 * x) ** 2).mean().backward()\n    optimizer.step()\n',
        note: { en: 'A lesson’s line of points.', fr: 'Les points d’une droite, pour la leçon.' },
      },
      {
        code: 'import torch\n\nmodel = GPT()\noptimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)\nfor step in range(5000):\n    if step % 500 == 0:\n        print(evaluate(model, val_data))\n    x, y = get_batch("train")\n    loss = torch.nn.functional.cross_entropy(model(x), y)\n    optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()\n',
        note: { en: 'A budget of steps, one batch each.', fr: 'Un nombre de pas fixé, un lot à chacun.' },
      },
      {
        code: 'import keras\n\nmodel = keras.Sequential([keras.layers.Dense(10)])\nmodel.compile(loss="mse")\nmodel.fit(x_train, y_train, epochs=15, validation_split=0.0)\nmodel.evaluate(x_test, y_test)\n',
        note: { en: 'Nothing is held out to stop at.', fr: 'Rien n’est réservé à la validation.' },
      },
      {
        code: 'import torch\n\nnoise = torch.randn(8, 64, device="cuda").requires_grad_()\nfor i in range(500):\n    opt.zero_grad()\n    score = classifier(generator(noise))[:, target].mean()\n    score.backward()\n    noise.data = updated(noise, 1 / 500)\n',
        note: {
          en: 'An input is moved, no weight is trained.',
          fr: 'Une entrée est déplacée, aucun poids n’est entraîné.',
        },
      },
      {
        code: `import torch

def show_examples(model, loader, write):
    model.eval()
    with torch.no_grad():
        for source, wanted in loader:
            write(f"{source} -> {model.generate(source)} ({wanted})")
            break

def learn(model, train_loader, val_loader):
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(20):
        model.train()
        for source, wanted in train_loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(source), wanted).backward()
            optimizer.step()
        show_examples(model, val_loader, print)

learn(Translator(), *loaders())
`,
        note: {
          en: 'Examples are shown after each epoch, nothing is measured.',
          fr: 'Des exemples sont montrés après chaque epoch, rien n’est mesuré.',
        },
      },
      {
        code: `import torch

def learn(model, loader, val_loader, iterations):
    optimizer = torch.optim.Adam(model.parameters())
    i = 0
    while i < iterations:
        for x, y in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
            i += 1
            if i % 100 == 0:
                print(evaluate(model, val_loader))
            if i == iterations:
                break

learn(Net(), train_loader(), val_loader(), 2000)
`,
        note: { en: 'Batches are counted, no epochs.', fr: 'On compte des lots, pas des epochs.' },
      },
      {
        code: `import torch

net = torch.load("net.pt")
optimizer = torch.optim.Adam(net.parameters())
best_val_loss = 1
for epoch in range(100):
    total = 0
    for x, y in batches("frames.npy"):
        loss = torch.nn.functional.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total += loss.item()
    if total < best_val_loss:
        best_val_loss = total
        torch.save(net, "best.pt")
`,
        note: {
          en: 'Only the training loss is there, whatever its record is called.',
          fr: 'Il n’y a que la perte d’entraînement, quel que soit le nom de son record.',
        },
      },
      {
        code: `import numpy as np
import torch

points = [i for i in range(11)]
x_train = np.array(points, dtype=np.float32).reshape(-1, 1)
y_train = np.array([2 * i + 1 for i in points], dtype=np.float32).reshape(-1, 1)
line = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(line.parameters(), lr=0.01)
for epoch in range(1000):
    optimizer.zero_grad()
    guess = line(torch.from_numpy(x_train))
    torch.nn.functional.mse_loss(guess, torch.from_numpy(y_train)).backward()
    optimizer.step()
`,
        note: { en: 'Eleven points of a line.', fr: 'Onze points d’une droite.' },
      },
      {
        code: `import torch
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

X, y = make_circles(1000, noise=0.03)
X, y = torch.from_numpy(X).float(), torch.from_numpy(y).float()
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)
model = torch.nn.Sequential(torch.nn.Linear(2, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1))
loss_fn = torch.nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(1000):
    model.train()
    loss = loss_fn(model(X_train).squeeze(), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    model.eval()
    with torch.inference_mode():
        test_loss = loss_fn(model(X_test).squeeze(), y_test)
    if epoch % 100 == 0:
        print(epoch, loss.item(), test_loss.item())
`,
        note: {
          en: 'A lesson’s circles, with a test set of them.',
          fr: 'Les cercles d’une leçon, avec leur jeu de test.',
        },
      },
      {
        code: `import torch
from net import Twins
from pairs import pairs

def test(a, b, label, margin=1.0):
    gap = torch.nn.functional.pairwise_distance(a, b)
    return (label * gap**2 + (1 - label) * (margin - gap).clamp(min=0) ** 2).mean()

net = Twins()
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(100):
    for left, right, label in pairs("faces"):
        optimizer.zero_grad()
        gap_loss = test(*net(left, right), label)
        gap_loss.backward()
        optimizer.step()
`,
        note: {
          en: 'What is called a test is what is learnt from.',
          fr: 'Ce qui est nommé test est ce dont on apprend.',
        },
      },
      {
        code: `import torch
from tqdm import tqdm
from oracle import score

def improve(sequences, num_iter=1500):
    logits = sequences.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([logits], lr=0.05)
    for i in tqdm(range(num_iter)):
        optimizer.zero_grad()
        loss = -score(logits.softmax(-1)).sum()
        loss.backward()
        optimizer.step()
    return logits.argmax(-1)

print(improve(torch.load("sequences.pt")))
`,
        note: {
          en: 'A number of iterations, one step each.',
          fr: 'Un nombre d’itérations, d’un pas chacune.',
        },
      },
      {
        code: `import lightgbm as lgb
from sklearn.model_selection import ParameterGrid

def score(params, train_set, valid_set):
    booster = lgb.train(params, train_set, num_boost_round=3000, valid_sets=[valid_set])
    return booster.best_score["valid_0"]["l2"]

def search(runner, grid, train_set, valid_set):
    return min(runner(params, train_set, valid_set) for params in ParameterGrid(grid))

print(search(score, {"early_stopping_rounds": [75], "num_leaves": [31, 63]}, train_set, valid_set))
`,
        note: {
          en: 'Parameters from a grid that cannot be followed there.',
          fr: 'Des paramètres d’une grille qu’on ne peut suivre jusque-là.',
        },
      },
      {
        code: `import random
import torch

def learn(pair, encoder, decoder, optimizer):
    optimizer.zero_grad()
    loss = 0
    for word in pair[1]:
        loss = loss + torch.nn.functional.nll_loss(decoder(encoder(pair[0])), word)
    loss.backward()
    optimizer.step()
    return loss.item()

def run(pairs, encoder, decoder, n_iters):
    optimizer = torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.01)
    for iter in range(1, n_iters + 1):
        print(iter, learn(random.choice(pairs), encoder, decoder, optimizer))

run(read_pairs(), Encoder(), Decoder(), 75000)
`,
        note: {
          en: 'Iterations of one pair each: no epochs.',
          fr: 'Des itérations d’une paire chacune : pas d’epochs.',
        },
      },
      {
        code: `from keras.layers import Dense, Embedding, Flatten
from keras.models import Sequential

net = Sequential([Embedding(50, 4), Flatten(), Dense(1, activation="sigmoid")])
net.compile("adam", "binary_crossentropy")
net.fit(sentences, moods, epochs=100, verbose=2)
`,
        note: {
          en: 'A hundred epochs of a lesson, nothing held out.',
          fr: 'Cent epochs d’une leçon, rien de réservé.',
        },
      },
      {
        code: `import pandas as pd
from xgboost import XGBRegressor

train_scaled, test_scaled = pd.read_csv("train.csv"), pd.read_csv("test.csv")
target = train_scaled.pop("price")
model = XGBRegressor(n_estimators=900)
model.fit(train_scaled, target)
model.predict(test_scaled)
`,
        note: {
          en: 'All of a competition’s training data: nothing to stop at.',
          fr: 'Toutes les données d’un concours : rien à quoi s’arrêter.',
        },
      },
      {
        code: 'from sklearn.linear_model import SGDClassifier\n\nclf = SGDClassifier(max_iter=2000)\nclf.fit(x, y)\n',
        note: {
          en: 'Its tolerance ends it as soon as the loss settles.',
          fr: 'Sa tolérance l’arrête dès que la perte se stabilise.',
        },
      },
      {
        code: 'import xgboost as xgb\n\nmodel = xgb.XGBClassifier(n_estimators=2000, early_stopping_rounds=50)\nmodel.fit(x, y, eval_set=[(xv, yv)])\n',
      },
    ],
  },
});

// ------------------------------------------------------------------- library calls

function checkCall(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const last = lastStep(call, flow);
  const training = trainingOf(last ? flow.names(last).map((name) => `${name}.fit`) : flow.names(call));
  if (!training || !JUDGED.has(training.framework) || !training.rounds) return;
  if (hasNoStoppingMetric(call, module, flow)) return;
  const maker = last ?? makerOf(call, training, flow);
  if (maker && stopsOnLoss(maker, flow)) return;
  if (training.rounds.on !== 'call' && !maker) return;
  const rounds = roundsOf(call, maker, training, flow);
  if (rounds === undefined) return;
  if (rounds === 1 && training.framework === 'keras') return checkFitLoop(call, context);
  if (rounds < (training.rounds.unit === 'epochs' && training.deep ? MIN_EPOCHS : MIN_ROUNDS)) return;

  if (training.framework === 'keras' && !holdsOut(call, flow) && rounds < MIN_EPOCHS_UNVALIDATED) return;
  if (
    training.framework === 'transformers' &&
    maker &&
    !isGiven(flow.argument(maker, 'eval_dataset')) &&
    rounds < MIN_EPOCHS_UNVALIDATED
  )
    return;
  if (!training.deep && training.framework !== 'sklearn' && !isWatched(call, rounds, flow)) return;
  const stops = callStops(call, maker, training, flow);
  if (stops === 'unknown') return;
  const place =
    call.callee.kind === 'member' ? { start: call.callee.propertyStart, end: call.callee.end } : call.callee;
  if (stops === 'yes') return context.pass(place);
  const what = `\`${shortCallee(call, module)}\``;
  const forgotten = forgottenStopper(module, flow, training.framework);
  const data = { what, rounds: Number.isFinite(rounds) ? rounds : '∞', unit: training.rounds.unit };
  context.fail(place, {
    message: forgotten ? 'forgotten' : 'default',
    data: { ...data, stopper: forgotten?.name ?? '' },
    fixes: fixesFor(call, maker, training, forgotten?.name ?? null, context),
  });
}

/** `Trainer(…).train`: what the call calls, arguments left out. */
function shortCallee(call: Call, module: Module): string {
  const inner =
    call.callee.kind === 'member' && call.callee.object.kind === 'call' ? call.callee.object : null;
  if (call.callee.kind !== 'member' || !inner)
    return textOf(module, call.callee).replace(/\s+/g, ' ').slice(-60);
  return `${textOf(module, inner.callee).slice(-40)}(…).${call.callee.property}`;
}

/** The estimator at the end of the scikit-learn pipeline that the call fits. */
function lastStep(call: Call, flow: Flow): Call | null {
  if (call.callee.kind !== 'member' || !flow.names(call).includes(PIPELINE_FIT)) return null;
  for (const { origin } of flow.objects(call.callee.object)) {
    const steps = origin?.args[0]?.value;
    const last = steps?.kind === 'sequence' ? steps.items.at(-1) : origin?.args.at(-1)?.value;
    const step = last?.kind === 'sequence' ? last.items.at(-1) : last;
    const made = step ? flow.objects(step).flatMap((object) => object.origin ?? []) : [];
    if (made.length === 1) return made[0] ?? null;
  }
  return null;
}

/** Linear models by gradient descent and networks: their `tol` ends them as soon as the training loss settles, unless it is None or 0. */
function stopsOnLoss(maker: Call, flow: Flow): boolean {
  if (!flow.names(maker).some((name) => /^sklearn\.(?:linear_model|neural_network)\./.test(name)))
    return false;
  const tol = flow.argument(maker, 'tol');
  if (tol.state !== 'given') return true;
  const value = flow.constant(tol.value);
  return value !== null && value !== 0;
}

/** The call that built what trains: `Trainer(…)`, `XGBClassifier(…)`. */
function makerOf(call: Call, training: Training, flow: Flow): Call | null {
  if (training.rounds?.on === 'call' || call.callee.kind !== 'member') return null;
  const makers = flow.objects(call.callee.object).flatMap((object) => (object.origin ? [object.origin] : []));
  return makers.length === 1 ? (makers[0] ?? null) : null;
}

function roundsOf(call: Call, maker: Call | null, training: Training, flow: Flow): number | undefined {
  const rounds = training.rounds;
  if (!rounds) return undefined;
  let holder: Call | null = rounds.on === 'call' ? call : maker;
  if (rounds.on === 'arguments') holder = maker ? argumentsCall(maker, flow) : null;
  if (!holder) return undefined;
  if (
    training.framework === 'lightning' &&
    // before 1.0 the trainer stopped early by itself, unless told not to
    ['max_steps', 'fast_dev_run', 'max_time', 'limit_train_batches', 'early_stop_callback'].some((name) =>
      isLimit(flow.argument(holder, name), flow),
    )
  )
    return undefined;
  if (training.framework === 'transformers' && isGiven(flow.argument(holder, 'max_steps'))) return undefined;
  for (const name of rounds.names) {
    const found = flow.argument(holder, name, rounds.position);
    if (found.state === 'unknown') return undefined;
    if (found.state === 'given') {
      const numbers = flow.constants(found.value).filter((value) => typeof value === 'number');
      return numbers.length > 0 ? Math.max(...numbers) : undefined;
    }
  }
  // boosters with few rounds by default are left alone; only what is asked for or known to be long counts
  return rounds.default ?? undefined;
}

/** The `TrainingArguments(…)` a Trainer was built with. */
function argumentsCall(maker: Call, flow: Flow): Call | null {
  const found = flow.argument(maker, 'args', 1);
  if (found.state !== 'given') return null;
  const origins = flow.objects(found.value).flatMap((object) => (object.origin ? [object.origin] : []));
  return origins.length === 1 ? (origins[0] ?? null) : null;
}

function isGiven(found: ArgumentLookup): boolean {
  return found.state !== 'absent';
}

/** `fast_dev_run=False`, `max_time=None`, `max_steps=-1`: written out, and what holds without them. */
function isLimit(found: ArgumentLookup, flow: Flow): boolean {
  if (found.state !== 'given') return found.state === 'unknown';
  const name = found.value.parent?.kind === 'argument' ? found.value.parent.name : null;
  const value = flow.constant(found.value);
  return !(
    value === null ||
    (name === 'fast_dev_run' && value === false) ||
    (name === 'max_steps' && value === -1)
  );
}

function callStops(call: Call, maker: Call | null, training: Training, flow: Flow): Stops {
  let answer: Stops = 'no';
  for (const place of [call, maker]) {
    if (!place) continue;
    const callbacks = flow.argument(place, 'callbacks');
    if (callbacks.state === 'unknown') answer = 'unknown';
    if (callbacks.state === 'given') {
      const stops = callbacksStop(callbacks.value, flow);
      if (stops === 'yes') return 'yes';
      if (stops === 'unknown') answer = 'unknown';
    }
    for (const row of EARLY_STOPPING_ARGUMENTS) {
      if (row.framework !== training.framework || !row.on.some((name) => flow.names(place).includes(name)))
        continue;
      const found = flow.argument(place, row.argument);
      if (found.state === 'unknown') answer = 'unknown';
      if (found.state === 'given') {
        const value = flow.constant(found.value);
        if (value === undefined || !row.offValues.includes(value)) return 'yes';
      } else if (row.onByDefault && found.state === 'absent') return 'yes';
    }
    if (!training.deep && takesParams(place, flow)) {
      const stops = paramsStop(place, flow);
      if (stops === 'yes') return 'yes';
      if (stops === 'unknown') answer = 'unknown';
    }
  }
  for (const object of call.callee.kind === 'member' ? flow.objects(call.callee.object) : []) {
    for (const use of flow.uses(object, /^(?:add_callback|set_params)$/)) {
      if (use.method === 'add_callback' && use.call.args[0]) {
        const stops = callbacksStop(use.call.args[0].value, flow);
        if (stops !== 'no') return stops;
      }
      if (
        use.method === 'set_params' &&
        use.call.args.some((argument) => argument.name === 'early_stopping_rounds')
      )
        return 'yes';
    }
  }
  return answer;
}

/** `lgb.train(params, …)`: boosters take their parameters as a dict as well. */
function takesParams(place: Call, flow: Flow): boolean {
  return flow.names(place).some((name) => /^(?:xgboost|lightgbm|catboost)\.(?:train|cv)$/.test(name));
}

/** What such a dict says; nothing is known of one that comes from where nobody sees, a grid of them say. */
function paramsStop(place: Call, flow: Flow): Stops {
  const params = flow.argument(place, 'params', 0);
  if (params.state !== 'given') return params.state === 'unknown' ? 'unknown' : 'no';
  const texts = flow.values(params.value).map((value) => {
    if (value.kind === 'display') return textOf(flow.moduleOf(value.node), value.node);
    return value.kind === 'object' && value.origin
      ? textOf(flow.moduleOf(value.origin), value.origin)
      : undefined;
  });
  if (texts.some((text) => text && /early_stopping|od_wait|od_type/.test(text))) return 'yes';
  return texts.length === 0 || texts.includes(undefined) ? 'unknown' : 'no';
}

// ----------------------------------------------------------------- hand-written loops

function checkLoop(epochLoop: EpochLoop, module: Module, context: RuleContext): void {
  const { flow } = context;
  const { loop, epochs } = epochLoop;
  if (loop.kind === 'comprehension' || !isRun(loop, flow)) return;
  if (epochs === undefined || epochs < MIN_EPOCHS) return;
  // the step's own function tells what is trained, wherever it stands
  if ([loop, ...epochLoop.backward].some((node) => hasNoStoppingMetric(node, flow.moduleOf(node), flow)))
    return;
  const validated = validates(epochLoop, module, flow);
  if (!validated && epochs < MIN_EPOCHS_UNVALIDATED) return;
  if (passesInvention(epochLoop, flow)) return;
  if (!validated && (namesInvention(epochLoop, flow) || trainsInTurns(epochLoop))) return;
  const place = loopHead(loop);
  const end = loopEnd(loop, module);
  if (end === 'budget' || countsSteps(epochLoop, module, flow) || averagesLastWeights(module, flow)) return;
  if (end === 'stops' || callsStopper(loop, module)) return context.pass(place);
  context.fail(place, {
    message: Number.isFinite(epochs) ? 'loop' : 'endless',
    data: { rounds: epochs },
    fixes: loopFix(epochLoop, module, context),
  });
}

/** Stochastic weight averaging: the last epochs are there to be averaged. */
function averagesLastWeights(module: Module, flow: Flow): boolean {
  return module.calls.some((call) => flow.names(call).includes('torch.optim.swa_utils.SWALR'));
}

/**
 * Whether a boosted fit has data to stop at: given to it, or, where it is long, split off from what it is given. A last
 * fit on everything has none.
 */
function isWatched(call: Call, rounds: number, flow: Flow): boolean {
  const isGivenAny = ['eval_set', 'evals', 'valid_sets', 'eval_sample_weight'].some((name) =>
    isGiven(flow.argument(call, name)),
  );
  if (isGivenAny || rounds < MIN_ROUNDS_UNWATCHED) return isGivenAny;
  let isSplit = false;
  const given = call.args.map(({ value }) => value);
  const settles = (one: Expr) => {
    isSplit ||= one.kind === 'call' && flow.names(one).some((name) => SPLITS.test(name));
    return isSplit;
  };
  slice(flow, given, { stops: () => false, settles, program: true });
  return isSplit;
}

const SPLITS = /^sklearn\.model_selection\.(?:train_test_split|\w*(?:Fold|Split|Shuffle\w*))\b/;

/** Whether a Keras fit has data to validate on: `validation_split=0.0` holds out none. */
function holdsOut(call: Call, flow: Flow): boolean {
  return ['validation_data', 'validation_split'].some((name) => {
    const found = flow.argument(call, name);
    return isGiven(found) && !(found.state === 'given' && flow.constant(found.value) === 0);
  });
}

/** `for epoch in range(50): model.fit(x, y, epochs=1)`: the loop counts the epochs. */
function checkFitLoop(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const loop = enclosingLoops(call)[0];
  if (loop?.kind !== 'for' || !/epoch/i.test(loopVariable(loop)) || !isRun(loop, flow)) return;
  const epochs = flow.iterations(loop);
  const isValidated =
    holdsOut(call, flow) || /(?:\b|_)(?:val|valid|validation|dev)(?:\b|_)/i.test(textOf(module, loop.body));
  if (epochs === undefined || epochs < (isValidated ? MIN_EPOCHS : MIN_EPOCHS_UNVALIDATED)) return;
  const end = loopEnd(loop, module);
  if (end === 'budget') return;
  if (end === 'stops' || callsStopper(loop, module)) return context.pass(loopHead(loop));
  context.fail(loopHead(loop), {
    message: Number.isFinite(epochs) ? 'loop' : 'endless',
    data: { rounds: epochs },
  });
}

/** `for step in range(max_iters): x, y = get_batch(); …`: a budget of steps, each on a batch of its own. */
function countsSteps(epochLoop: EpochLoop, module: Module, flow: Flow): boolean {
  const { loop, backward } = epochLoop;
  if (loop.kind === 'while' && countsInside(loop)) return true;
  const bound =
    loop.kind === 'for'
      ? /\brange\((?:[^()]*,)?\s*([\w.]+)[^()]*\)/.exec(textOf(module, loop.iterable))?.[1]
      : undefined;
  const isNamed =
    STEPS.test(loopVariable(loop)) || /(?:^|[._])(?:steps?|iter(?:ation)?s?)$/i.test(bound ?? '');
  return (
    isNamed &&
    !/epoch/i.test(loopVariable(loop)) &&
    (backward.every((call) => enclosingLoops(call)[0] === loop) || isStepLoop(flow, loop))
  );
}

const STEPS =
  /^(?:i_?|nb_?|n_|cur(?:rent)?_|global_|train_)?(?:steps?|iter(?:ation)?s?|(?:steps?|iter(?:ation)?)_(?:num|idx|i))$/i;

/** `while i < iterations: for batch in loader: …; i += 1`: what is counted are batches. */
function countsInside(loop: Loop & { kind: 'while' }): boolean {
  const { test } = loop;
  if (!test) return false;
  const counted = new Set(descendants(test, 'name').map(({ name }) => name));
  return descendants(loop.body, 'assign').some(
    (one) =>
      one.operator === '+=' &&
      enclosingLoops(one)[0] !== loop &&
      one.targets.some((target) => target.kind === 'name' && counted.has(target.name)),
  );
}

/** Something named for early stopping takes part in the loop, wherever it is defined. */
function callsStopper(loop: Loop, module: Module): boolean {
  return /early_?stop|should_stop|stop_training|EarlyStop/i.test(textOf(module, loop));
}

/** `train_on_batch` by hand is for models trained in turns: adversaries, mostly. */
function trainsInTurns({ backward }: EpochLoop): boolean {
  return backward.every(({ callee }) => callee.kind === 'member' && callee.property === 'train_on_batch');
}

/** A lesson's toy: all that the model sees are numbers made up in the same file. */
function passesInvention({ loop }: EpochLoop, flow: Flow): boolean {
  if (loop.kind === 'comprehension') return false;
  const passes = descendants(loop.body, 'call', true).filter(
    (call) => flow.names(call).some((name) => PASSES.has(name)) && !isLossCall(call, flow),
  );
  return passes.length > 0 && passes.every((call) => isOfInvention(call, flow));
}

const PASSES = new Set(['torch.nn.Module.__call__', 'torch.nn.Module.forward']);

const isLossCall = (call: Call, flow: Flow): boolean =>
  flow.objects(call.callee).some(({ types }) => /Loss$/.test(types[0] ?? ''));

/** The same, where only an argument of the loop shows it. */
function namesInvention({ loop }: EpochLoop, flow: Flow): boolean {
  if (loop.kind === 'comprehension') return false;
  return descendants(loop.body, 'call', true).some((call) =>
    call.args.some((argument) =>
      flow
        .objects(argument.value)
        .some((object) => object.origin && flow.names(object.origin).some((name) => INVENTS.test(name))),
    ),
  );
}

/** Whether what goes in was made up here. */
function isOfInvention(forward: Call, flow: Flow): boolean {
  return isInvented(
    flow,
    forward.args.map(({ value }) => value),
  );
}

// --------------------------------------------------------------------------- fixes

const STOP: Fix['title'] = {
  en: 'Stop when the validation metric no longer improves',
  fr: 'Arrêter quand la métrique de validation ne progresse plus',
};
const STOP_BY_LOSS: Fix['title'] = {
  en: 'Stop when the training loss no longer improves (nothing is held out)',
  fr: 'Arrêter quand la perte d’entraînement ne baisse plus (aucune donnée n’est mise de côté)',
};

function fixesFor(
  call: Call,
  maker: Call | null,
  training: Training,
  forgotten: string | null,
  context: RuleContext,
): Fix[] {
  const { flow, module } = context;
  if (forgotten) {
    const holder = training.framework === 'keras' ? call : maker;
    const edit =
      holder && inModule(holder, module, flow) ? withCallback(module, holder, forgotten, flow) : null;
    return edit
      ? [
          {
            title: {
              en: `Pass \`${forgotten}\` to the training`,
              fr: `Transmettre \`${forgotten}\` à l’entraînement`,
            },
            edits: () => [edit],
          },
        ]
      : [];
  }
  switch (training.framework) {
    case 'keras': {
      const isValidated = holdsOut(call, flow);
      const edit = withCallback(
        module,
        call,
        `EarlyStopping(monitor="${isValidated ? 'val_loss' : 'loss'}", patience=5, restore_best_weights=True)`,
        flow,
      );
      const title = isValidated ? STOP : STOP_BY_LOSS;
      return edit ? [{ title, edits: () => [edit], imports: [kerasImport(module)] }] : [];
    }
    case 'lightning': {
      const monitor = loggedMetric(flow, flow.moduleOf(call));
      if (!maker || !monitor || !inModule(maker, module, flow)) return [];
      const edit = withCallback(module, maker, `EarlyStopping(monitor="${monitor}", patience=5)`, flow);
      const root = /\bpytorch_lightning\b/.test(module.text) ? 'pytorch_lightning' : 'lightning.pytorch';
      return edit
        ? [{ title: STOP, edits: () => [edit], imports: [`from ${root}.callbacks import EarlyStopping`] }]
        : [];
    }
    case 'transformers': {
      const options = maker ? argumentsCall(maker, flow) : null;
      if (!maker || !options || !inModule(maker, module, flow) || !inModule(options, module, flow)) return [];
      const evaluates = isGiven(flow.argument(maker, 'eval_dataset'));
      const strategy = ['eval_strategy', 'evaluation_strategy'].find((name) =>
        isGiven(flow.argument(options, name)),
      );
      const added = [
        ...(strategy ? [] : ['eval_strategy="epoch"']),
        ...(isGiven(flow.argument(options, 'save_strategy')) || strategy ? [] : ['save_strategy="epoch"']),
        ...(isGiven(flow.argument(options, 'load_best_model_at_end')) ? [] : ['load_best_model_at_end=True']),
        ...(isGiven(flow.argument(options, 'metric_for_best_model'))
          ? []
          : ['metric_for_best_model="eval_loss"']),
      ];
      const callback = withCallback(module, maker, 'EarlyStoppingCallback(early_stopping_patience=3)', flow);
      const edits = [callback, added.length > 0 ? addArgument(module, options, added) : null];
      if (!evaluates || !callback || edits.includes(null) === added.length > 0) return [];
      return [
        {
          title: STOP,
          edits: () => edits.filter((edit) => edit !== null),
          imports: ['from transformers import EarlyStoppingCallback'],
        },
      ];
    }
    case 'lightgbm': {
      if (!['valid_sets', 'eval_set'].some((name) => isGiven(flow.argument(call, name)))) return [];
      const alias = /\bimport\s+lightgbm\s+as\s+(\w+)/.exec(module.text)?.[1];
      const edit = withCallback(module, call, `${alias ? `${alias}.` : ''}early_stopping(50)`, flow);
      return edit
        ? [
            {
              title: STOP,
              edits: () => [edit],
              ...(alias ? {} : { imports: ['from lightgbm import early_stopping'] }),
            },
          ]
        : [];
    }
    case 'xgboost':
    case 'catboost': {
      if (!['evals', 'eval_set'].some((name) => isGiven(flow.argument(call, name)))) return [];
      const holder = training.framework === 'xgboost' && maker ? maker : call;
      // `xgb.train` returns the last booster, not the best, unless its callback is told to
      const alias = /^[ \t]*import\s+xgboost(?:\s+as\s+(\w+))?\s*$/m.exec(module.text);
      if (alias && flow.names(call).includes('xgboost.train')) {
        const stop = `${alias[1] ?? 'xgboost'}.callback.EarlyStopping(rounds=50, save_best=True)`;
        const edit = withCallback(module, call, stop, flow);
        return edit ? [{ title: STOP, edits: () => [edit] }] : [];
      }
      const edit = inModule(holder, module, flow)
        ? addArgument(module, holder, 'early_stopping_rounds=50')
        : null;
      return edit ? [{ title: STOP, edits: () => [edit] }] : [];
    }
    case 'sklearn': {
      const row = maker
        ? EARLY_STOPPING_ARGUMENTS.find((one) => one.on.some((name) => flow.names(maker).includes(name)))
        : undefined;
      const text = row?.argument === 'n_iter_no_change' ? 'n_iter_no_change=10' : 'early_stopping=True';
      const edit = maker && row && inModule(maker, module, flow) ? addArgument(module, maker, text) : null;
      return edit ? [{ title: STOP, edits: () => [edit] }] : [];
    }
    default:
      return [];
  }
}

function inModule(call: Call, module: Module, flow: Flow): boolean {
  return flow.moduleOf(call) === module;
}

/** Adds to the list in `callbacks=[…]`, or adds the argument. */
function withCallback(module: Module, call: Call, callback: string, flow: Flow): Edit | null {
  const given = call.args.find((argument) => argument.name === 'callbacks');
  if (!given) return addArgument(module, call, `callbacks=[${callback}]`);
  if (given.value.kind === 'sequence' && given.value.type === 'list') {
    const last = given.value.items.at(-1);
    return last
      ? { start: last.end, end: last.end, text: `, ${callback}` }
      : { start: given.value.start + 1, end: given.value.start + 1, text: callback };
  }
  const isList = flow
    .values(given.value)
    .every((value) => value.kind === 'display' && value.node.kind === 'sequence');
  if (given.value.kind === 'name' && isList)
    return { start: given.value.end, end: given.value.end, text: ` + [${callback}]` };
  return flow.constant(given.value) === null
    ? { start: given.value.start, end: given.value.end, text: `[${callback}]` }
    : null;
}

function kerasImport(module: Module): string {
  const isTensorFlow = module.imports.some((one) => /^tensorflow\b/.test(one.module ?? ''));
  const root = isTensorFlow ? 'tensorflow.keras' : 'keras';
  return `from ${root}.callbacks import EarlyStopping`;
}

/** The validation metric that a LightningModule of the module's programs logs, a loss first. */
function loggedMetric(flow: Flow, module: Module): string | null {
  const logged = [...flow.related(module)].flatMap((one) =>
    one.calls.flatMap((call) => {
      const name = call.callee.kind === 'member' && call.callee.property === 'log' ? call.args[0] : undefined;
      const value = name ? flow.constant(name.value) : undefined;
      return typeof value === 'string' && /val/i.test(value) ? [value] : [];
    }),
  );
  return logged.find((name) => /loss/i.test(name)) ?? null;
}

/** Best value, patience and best weights around a loop that computes a validation loss or accuracy under a plain name. */
function loopFix(epochLoop: EpochLoop, module: Module, context: RuleContext): Fix[] {
  const { loop } = epochLoop;
  if (loop.kind === 'comprehension') return [];
  const metric = metricOf(loop);
  const model = trainedModel(epochLoop, context.flow);
  const last = loop.body.statements.at(-1);
  if (!metric || !last || metric.assigned > last.end) return [];
  const isLoss = /loss|err|mse|mae|rmse|perplex/i.test(metric.name);
  const unit = indentUnit(module, last.start);
  const best = `best_${metric.name}`;
  const lines = [
    `if ${metric.name} ${isLoss ? '<' : '>'} ${best}:`,
    `${unit}${best}, epochs_without_gain = ${metric.name}, 0`,
    ...(model ? [`${unit}best_state = copy.deepcopy(${model}.state_dict())`] : []),
    'else:',
    `${unit}epochs_without_gain += 1`,
    `${unit}if epochs_without_gain >= 5:`,
    `${unit}${unit}break`,
  ];
  return [
    {
      title: STOP,
      edits: () => [
        insertBefore(module, loop, [`${best}, epochs_without_gain = float("${isLoss ? 'inf' : '-inf'}"), 0`]),
        endOfLoop(module, loop, last, lines, model),
      ],
      imports: model ? ['import copy'] : [],
    },
  ];
}

/** What stands after the loop's last statement: the check, and behind the loop the best weights. One edit, for both end at one place. */
function endOfLoop(
  module: Module,
  loop: Stmt,
  last: Stmt,
  lines: readonly string[],
  model: string | null,
): Edit {
  const edit = insertAfter(module, last, lines);
  if (!model) return edit;
  return {
    ...edit,
    text: `${edit.text}${newlineOf(module)}${indentAt(module, loop.start)}${model}.load_state_dict(best_state)`,
  };
}

/** A validation loss (or else accuracy) assigned directly in the loop's body. */
function metricOf(
  loop: Loop & { kind: 'for' | 'while' },
): { readonly name: string; readonly assigned: number } | null {
  const found: { name: string; assigned: number }[] = [];
  for (const statement of loop.body.statements) {
    if (statement.kind !== 'assign' && statement.kind !== 'expression') continue;
    const targets = statement.kind === 'assign' ? statement.targets : [];
    for (const target of targets) {
      for (const one of target.kind === 'sequence' ? target.items : [target]) {
        if (
          one.kind === 'name' &&
          (/val|valid|test|dev|eval/i.test(one.name) || isEvaluation(statement)) &&
          /loss|acc|error|f1|score|auc/i.test(one.name) &&
          !/losses|accs|history|scores$|train/i.test(one.name)
        ) {
          found.push({ name: one.name, assigned: statement.end });
        }
      }
    }
  }
  return found.filter((one) => /loss|error/i.test(one.name)).at(-1) ?? found.at(-1) ?? null;
}

/** `acc = evaluate(model, loader)`: the call's own name tells what is measured. */
function isEvaluation(statement: Stmt): boolean {
  const value = statement.kind === 'assign' ? statement.value : null;
  if (value?.kind !== 'call') return false;
  const { callee } = value;
  const name = lastName(callee);
  return /eval|valid|^val_|_val$|^test_|_test$|^test$/i.test(name);
}

const isNetwork = (expr: Expr, flow: Flow): boolean =>
  flow
    .objects(expr)
    .some(({ types }) => types.includes('torch.nn.Module') && !/^torch\.nn\.\w*Loss$/.test(types[0] ?? ''));

/** The one model that the loop's forward passes run, when it goes by a plain name where the loop stands. */
function trainedModel(epochLoop: EpochLoop, flow: Flow): string | null {
  const { loop } = epochLoop;
  if (loop.kind === 'comprehension') return null;
  const names = new Set<string>();
  for (const call of descendants(loop.body, 'call', true)) {
    const callee = call.callee;
    if (
      callee.kind === 'name' &&
      flow.names(call).includes('torch.nn.Module.__call__') &&
      !/crit|loss/i.test(callee.name)
    )
      names.add(callee.name);
    if (callee.kind === 'member' && callee.property === 'train' && callee.object.kind === 'name')
      names.add(callee.object.name);
    // handed to a function of the program that trains or evaluates it
    if (flow.targets(call).length === 0) continue;
    for (const { value } of call.args)
      if (value.kind === 'name' && isNetwork(value, flow)) names.add(value.name);
  }
  return names.size === 1 ? ([...names][0] ?? null) : null;
}

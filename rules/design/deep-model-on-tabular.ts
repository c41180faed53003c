import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, ClassNode, Expr, Module, Span } from '../../analysis/model.ts';
import { descendants, statementOf } from '../../analysis/tree.ts';
import { insertBefore, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { forwardOf } from '../semantics/forward.ts';
import { statedInProgram } from '../semantics/memo.ts';
import { slice } from '../semantics/slice.ts';
import { epochLoops, hasNoStoppingMetric, isRun, loopHead } from '../semantics/training.ts';

const KERAS_FITS = ['keras.Model.fit'];
const PERCEPTRONS = ['sklearn.neural_network.MLPClassifier.fit', 'sklearn.neural_network.MLPRegressor.fit'];

export default defineRule({
  id: 'deep-model-on-tabular',
  phase: 'design',
  languages: ['python'],
  severity: 'hint',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'Grinsztajn, Oyallon, Varoquaux (NeurIPS 2022): on 45 tables of up to 10,000 rows, tree ensembles beat deep networks at a fraction of the tuning budget.',
      fr: 'Grinsztajn, Oyallon, Varoquaux (NeurIPS 2022) : sur 45 tables de 10 000 lignes au plus, les ensembles d’arbres battent les réseaux profonds pour une fraction du budget de réglage.',
    },
  },
  references: {
    course: [
      'Gradation des solutions — 2. Algorithmes classiques : « Classification simple, seuils, statistiques »',
      'Recommandations aux développeurs : « Privilégier les architectures simples et localement pertinentes »',
    ],
    rgesn: ['9.1'],
    links: ['https://arxiv.org/abs/2207.08815'],
  },
  libraries: ['keras', 'tensorflow', 'torch', 'sklearn'],
  title: {
    en: 'A dense network where gradient boosting was not tried',
    fr: 'Un réseau dense là où le gradient boosting n’a pas été essayé',
  },
  what: {
    en: 'A network of dense layers only (Keras, PyTorch, scikit-learn’s MLP) trained on the columns of a table that pandas read, in a program that trains no classical model to compare with. Tables of pixels, texts turned to vectors, autoencoders and adversarial or reinforcement training are left alone.',
    fr: 'Un réseau fait de seules couches denses (Keras, PyTorch, MLP de scikit-learn) entraîné sur les colonnes d’un tableau lu par pandas, dans un programme qui n’entraîne aucun modèle classique pour comparer. Les tableaux de pixels, textes vectorisés, auto-encodeurs, apprentissages adverses ou par renforcement ne sont pas visés.',
  },
  why: {
    en: 'On tables, trees with gradient boosting are as good or better most of the time, train in seconds on a CPU and predict in microseconds: over 45 data sets they beat every deep network compared, at a much smaller search budget (Grinsztajn et al., 2022). The course asks to try classical algorithms first.',
    fr: 'Sur des tableaux, les arbres avec gradient boosting font aussi bien ou mieux la plupart du temps, s’entraînent en quelques secondes sur CPU et prédisent en microsecondes : sur 45 jeux de données ils battent tous les réseaux profonds comparés, avec un budget de recherche bien moindre (Grinsztajn et al., 2022). Le cours demande d’essayer d’abord les algorithmes classiques.',
  },
  instead: {
    en: 'Train a baseline first (`HistGradientBoostingClassifier`, XGBoost, LightGBM, or a logistic regression), and keep the network only if it wins by what it costs more. Ignore the hint where the network is the subject of a lesson, must be differentiable, or shares layers with images or text.',
    fr: 'Entraînez d’abord une référence (`HistGradientBoostingClassifier`, XGBoost, LightGBM ou une régression logistique), et ne gardez le réseau que s’il gagne à hauteur de son surcoût. À ignorer si le réseau est l’objet d’un cours, doit être dérivable, ou partage des couches avec des images ou du texte.',
  },
  messages: {
    default: {
      en: 'A dense network learns the columns of a table here: does it beat gradient boosting, which nothing in the program tries?',
      fr: 'Un réseau dense apprend ici les colonnes d’un tableau : fait-il mieux que le gradient boosting, que rien dans le programme n’essaie ?',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: 'import pandas as pd\nfrom sklearn.model_selection import train_test_split\nfrom tensorflow.keras.layers import Dense, Dropout\nfrom tensorflow.keras.models import Sequential\n\ndata = pd.read_csv("churn.csv")\nX = data.drop("churn", axis=1)\ny = data["churn"]\nX_train, X_test, y_train, y_test = train_test_split(X, y)\n\nmodel = Sequential()\nmodel.add(Dense(64, activation="relu"))\nmodel.add(Dropout(0.2))\nmodel.add(Dense(1, activation="sigmoid"))\nmodel.compile(optimizer="adam", loss="binary_crossentropy")\nmodel.fit(X_train, y_train, epochs=20)\n',
        fixed:
          'import pandas as pd\nfrom sklearn.model_selection import train_test_split, cross_val_score\nfrom tensorflow.keras.layers import Dense, Dropout\nfrom tensorflow.keras.models import Sequential\nfrom sklearn.ensemble import HistGradientBoostingClassifier\n\ndata = pd.read_csv("churn.csv")\nX = data.drop("churn", axis=1)\ny = data["churn"]\nX_train, X_test, y_train, y_test = train_test_split(X, y)\n\nmodel = Sequential()\nmodel.add(Dense(64, activation="relu"))\nmodel.add(Dropout(0.2))\nmodel.add(Dense(1, activation="sigmoid"))\nmodel.compile(optimizer="adam", loss="binary_crossentropy")\nprint("Gradient boosting to beat:", cross_val_score(HistGradientBoostingClassifier(), X_train, y_train).mean())\nmodel.fit(X_train, y_train, epochs=20)\n',
      },
      {
        code: 'import numpy as np\nimport pandas as pd\nfrom sklearn.preprocessing import StandardScaler\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n\nhouses = pd.read_csv("houses.csv")\nfeatures = StandardScaler().fit_transform(houses[["area", "rooms", "age"]].values)\nprices = houses["price"].values\n\n\ndef build():\n    net = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(16, activation="relu"), layers.Dense(1)])\n    net.compile("adam", loss="mse")\n    return net\n\n\nnet = build()\nnet.fit(features, prices, epochs=50, validation_split=0.2)\n',
        fixed:
          'import numpy as np\nimport pandas as pd\nfrom sklearn.preprocessing import StandardScaler\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\nfrom sklearn.ensemble import HistGradientBoostingRegressor\nfrom sklearn.model_selection import cross_val_score\n\nhouses = pd.read_csv("houses.csv")\nfeatures = StandardScaler().fit_transform(houses[["area", "rooms", "age"]].values)\nprices = houses["price"].values\n\n\ndef build():\n    net = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(16, activation="relu"), layers.Dense(1)])\n    net.compile("adam", loss="mse")\n    return net\n\n\nnet = build()\nprint("Gradient boosting to beat:", cross_val_score(HistGradientBoostingRegressor(), features, prices).mean())\nnet.fit(features, prices, epochs=50, validation_split=0.2)\n',
      },
      {
        code: 'import pandas as pd\nimport torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader, TensorDataset\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.hidden = nn.Linear(12, 64)\n        self.out = nn.Linear(64, 2)\n\n    def forward(self, x):\n        return self.out(torch.relu(self.hidden(x)))\n\n\nframe = pd.read_csv("loans.csv")\nx = torch.tensor(frame.drop(columns=["default"]).values, dtype=torch.float32)\ny = torch.tensor(frame["default"].values)\nloader = DataLoader(TensorDataset(x, y), batch_size=32)\nnet = Net()\noptimizer = torch.optim.Adam(net.parameters())\nfor epoch in range(20):\n    for batch, target in loader:\n        optimizer.zero_grad()\n        nn.functional.cross_entropy(net(batch), target).backward()\n        optimizer.step()\n',
      },
      {
        code: 'import pandas as pd\nimport torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader, Dataset\n\nclass Credits(Dataset):\n    def __init__(self, path):\n        rows = pd.read_csv(path)\n        self.x = torch.from_numpy(rows.iloc[:, :-1].values).float()\n        self.y = torch.from_numpy(rows.iloc[:, -1].values)\n\n    def __len__(self):\n        return len(self.x)\n\n    def __getitem__(self, index):\n        return self.x[index], self.y[index]\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.first = nn.Linear(20, 64)\n        self.last = nn.Linear(64, 2)\n\n    def forward(self, x):\n        return self.last(torch.relu(self.first(x)))\n\nnet = Net()\noptimizer = torch.optim.Adam(net.parameters())\nfor epoch in range(5):\n    for x, y in DataLoader(Credits("credits.csv"), batch_size=32):\n        optimizer.zero_grad()\n        nn.functional.cross_entropy(net(x), y).backward()\n        optimizer.step()\n',
        note: { en: 'A dataset class reads the table.', fr: 'Une classe de données lit le tableau.' },
      },
    ],
    good: [
      {
        code: 'import pandas as pd\nfrom sklearn.ensemble import RandomForestClassifier\nfrom tensorflow import keras\n\ndata = pd.read_csv("churn.csv")\nx, y = data.drop("churn", axis=1), data["churn"]\nprint(RandomForestClassifier().fit(x, y).score(x, y))\nmodel = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])\nmodel.compile(loss="binary_crossentropy")\nmodel.fit(x, y)\n',
        note: { en: 'A forest was tried.', fr: 'Une forêt a été essayée.' },
      },
      {
        code: 'import pandas as pd\nfrom tensorflow import keras\n\ntrain = pd.read_csv("train.csv")\nx = train.drop("label", axis=1).values / 255.0\ny = train["label"]\nmodel = keras.Sequential([keras.layers.Dense(128), keras.layers.Dense(10)])\nmodel.compile(loss="sparse_categorical_crossentropy")\nmodel.fit(x, y, epochs=5)\n',
        note: { en: 'The columns are pixels.', fr: 'Les colonnes sont des pixels.' },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.feature_extraction.text import TfidfVectorizer\nfrom tensorflow import keras\n\nreviews = pd.read_csv("reviews.csv")\nx = TfidfVectorizer().fit_transform(reviews["text"]).toarray()\nmodel = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])\nmodel.compile(loss="binary_crossentropy")\nmodel.fit(x, reviews["label"])\n',
        note: { en: 'Text, not a table.', fr: 'Du texte, non un tableau.' },
      },
      {
        code: 'import pandas as pd\nfrom tensorflow import keras\n\nprices = pd.read_csv("prices.csv")[["close"]].values\nmodel = keras.Sequential([keras.layers.LSTM(50), keras.layers.Dense(1)])\nmodel.compile(loss="mse")\nmodel.fit(windows(prices), prices)\n',
      },
      {
        code: 'import pandas as pd\nfrom tensorflow import keras\n\ntraffic = pd.read_csv("traffic.csv").values\nmodel = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(40)])\nmodel.compile(loss="mse")\nmodel.fit(traffic, traffic, epochs=10)\n',
        note: { en: 'An autoencoder.', fr: 'Un auto-encodeur.' },
      },
      {
        code: 'from tensorflow import keras\n\n(x, y), _ = keras.datasets.mnist.load_data()\nmodel = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(128), keras.layers.Dense(10)])\nmodel.compile(loss="sparse_categorical_crossentropy")\nmodel.fit(x, y)\n',
      },
      {
        code: 'import pandas as pd\nfrom tensorflow import keras\n\ndata = pd.read_csv("churn.csv")\nmodel = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])\nmodel.compile(loss="binary_crossentropy")\nmodel.fit(data[["age", "months"]], data["churn"])\n',
        note: {
          en: 'One layer: a logistic regression.',
          fr: 'Une seule couche : une régression logistique.',
        },
      },
    ],
  },
});

const READS_TABLE =
  /^pandas\.read_(?:csv|excel|parquet|table|sql\w*|feather|stata|json|pickle|hdf)$|^sklearn\.datasets\.(?:load_(?:iris|wine|breast_cancer|diabetes|boston)|fetch_california_housing)$/;
/** What turns words, pictures or sound into numbers: the columns of a table no more. */
const NOT_A_TABLE =
  /Tokenizer|Vectorizer|pad_sequences|texts_to|TextVectorization|imread|load_img|img_to_array|Image\.open|[wW]ord2[vV]ec|SentenceTransformer|librosa|from_pretrained|gensim|one_hot\b.*text|HashingTF/;
const PIXELS = /\bpixels?\b|\/=?\s*255|\b28\s*[*,]\s*28\b|\b784\b|\b48\s*[*,]\s*48\b|mnist|digit/i;
const CLASSICAL =
  /\b(?:xgboost|lightgbm|catboost|pycaret|autogluon|h2o)\b|\bsklearn\.(?:ensemble|linear_model|svm|tree|neighbors|naive_bayes|gaussian_process|discriminant_analysis|dummy)\b|\b(?:RandomForest|GradientBoosting|LogisticRegression|LinearRegression|DecisionTree|KNeighbors)\w*\(/;

const readsTables = statedInProgram(({ text }) => /\bpandas\b|sklearn\.datasets/.test(text));
const triesClassical = statedInProgram(({ text }) => CLASSICAL.test(text));

const DENSE =
  /^keras\.layers\.(?:Dense|Dropout|BatchNormalization|LayerNormalization|Activation|ReLU|LeakyReLU|PReLU|ELU|Softmax|Flatten|Normalization|GaussianNoise|GaussianDropout|AlphaDropout|DenseFeatures|ActivityRegularization)$/;
const OTHER = /^keras\.(?:layers|applications)\.[A-Z]\w*$|^tensorflow_hub\.KerasLayer$|^transformers\./;

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (PIXELS.test(module.text) || NOT_A_TABLE.test(module.text)) return;
  if (!readsTables(module, flow)) return;
  const site = siteOf(module, context);
  if (!site) return;
  if (triesClassical(module, flow)) return context.pass(site.place);
  context.fail(site.place, { fixes: site.call ? fixFor(site.call, context) : [] });
}

interface Site {
  readonly place: Span;
  /** The `fit`; null for a hand-written loop. */
  readonly call: Call | null;
}

/** Where the file first trains a dense network on a table. */
function siteOf(module: Module, { flow }: RuleContext): Site | null {
  for (const call of module.calls) {
    const names = flow.names(call);
    const isKeras = names.some((name) => KERAS_FITS.includes(name));
    if (!isKeras && !names.some((name) => PERCEPTRONS.includes(name))) continue;
    if (call.callee.kind !== 'member' || !isRun(call, flow) || hasNoStoppingMetric(call, module, flow))
      continue;
    if (isKeras && !isDense(call.callee.object, flow)) continue;
    const x = flow.argument(call, isKeras ? 'x' : 'X', 0);
    const y = flow.argument(call, 'y', 1);
    if (x.state !== 'given' || y.state !== 'given' || textOf(module, x.value) === textOf(module, y.value))
      continue;
    if (!comesFromTable(x.value, flow)) continue;
    return { place: { start: call.callee.propertyStart, end: call.callee.end }, call };
  }
  for (const { loop } of epochLoops(module, flow)) {
    if (loop.kind === 'comprehension' || !isRun(loop, flow) || hasNoStoppingMetric(loop, module, flow))
      continue;
    const trained = descendants(loop.body, 'call').find((call) => isDenseForward(call, flow));
    const input = trained?.args[0];
    if (input && !input.spread && comesFromTable(input.value, flow))
      return { place: loopHead(loop), call: null };
  }
  return null;
}

/** Whether every layer of a Keras model is a dense one, and there are two at least. */
function isDense(model: Expr, flow: Flow): boolean {
  let dense = 0;
  for (const call of slice(flow, [model], { stops: () => false, program: true })) {
    for (const name of flow.names(call)) {
      if (name === 'keras.layers.Dense') dense++;
      else if (!DENSE.test(name) && OTHER.test(name) && !/\.(?:Input|InputLayer|Layer)$/.test(name))
        return false;
      else if (/^keras\.(?:models\.)?load_model$|\.__call__$/.test(name) && !/^keras\./.test(name))
        return false;
    }
  }
  return dense >= 2;
}

/** A forward pass of a class of one's own that is made of linear layers only. */
function isDenseForward(call: Call, flow: Flow): boolean {
  const forward = forwardOf(flow, call);
  return (
    forward?.objects.some((object) => {
      if (object.class) return isLinear(object.class, flow);
      return (
        object.types[0] === 'torch.nn.Sequential' &&
        object.origin !== null &&
        linearOnly([object.origin], flow)
      );
    }) ?? false
  );
}

function isLinear(owner: ClassNode, flow: Flow): boolean {
  return linearOnly(descendants(owner.body, 'call'), flow);
}

function linearOnly(roots: readonly Call[], flow: Flow): boolean {
  const calls = roots.flatMap((root) => descendants(root, 'call'));
  const layers = [...new Set(calls)].flatMap((call) =>
    flow
      .names(call)
      .slice(0, 1)
      .filter((name) => /^torch\.nn\.[A-Z]\w*$|^(?:torchvision|timm|transformers)\./.test(name)),
  );
  const linear = layers.filter((name) => name === 'torch.nn.Linear').length;
  return (
    linear >= 2 &&
    layers.every((name) =>
      /^torch\.nn\.(?:Linear|Sequential|ModuleList|\w*ReLU\w*|Tanh|Sigmoid|Softmax|LogSoftmax|Softplus|ELU|SELU|GELU|SiLU|Dropout|AlphaDropout|BatchNorm1d|LayerNorm|Identity|\w*Loss)$/.test(
        name,
      ),
    )
  );
}

function comesFromTable(expr: Expr, flow: Flow): boolean {
  const calls = [...slice(flow, [expr], { stops: () => false, program: true })];
  // a dataset of one's own: what it reads, whichever of its methods does
  const datasets = calls.flatMap((call) =>
    flow
      .objects(call)
      .flatMap((object) =>
        object.class && object.types.includes('torch.utils.data.Dataset')
          ? descendants(object.class.body, 'call')
          : [],
      ),
  );
  const names = [...new Set([...calls, ...datasets])].flatMap((call) => flow.names(call));
  return names.some((name) => READS_TABLE.test(name)) && !names.some((name) => NOT_A_TABLE.test(name));
}

/** A baseline on the same rows, scored before the network is trained. */
function fixFor(call: Call, { flow, module }: RuleContext): Fix[] {
  const [x, y] = call.args;
  const statement = statementOf(call);
  if (!x || !y || x.name || y.name || x.spread || y.spread || !startsLine(module, statement)) return [];
  const kind = kindOf(call, module, flow);
  if (!kind || statement.kind === 'function' || statement.kind === 'class') return [];
  const estimator = `HistGradientBoosting${kind}`;
  const rows = [x, y].map(({ value }) => textOf(module, value));
  if (rows.some((text) => text.includes('\n'))) return [];
  return [
    {
      title: {
        en: 'Score gradient boosting on the same rows first',
        fr: 'Évaluer d’abord un gradient boosting sur les mêmes lignes',
      },
      edits: () => [
        insertBefore(module, statement, [
          `print("Gradient boosting to beat:", cross_val_score(${estimator}(), ${rows.join(', ')}).mean())`,
        ]),
      ],
      imports: [
        `from sklearn.ensemble import ${estimator}`,
        'from sklearn.model_selection import cross_val_score',
      ],
      packages: ['scikit-learn'],
    },
  ];
}

/** What the loss says of the task; null where the labels are one-hot or the loss is not known. */
function kindOf(call: Call, module: Module, flow: Flow): 'Classifier' | 'Regressor' | null {
  const names = flow.names(call);
  if (names.includes(PERCEPTRONS[0] as string)) return 'Classifier';
  if (names.includes(PERCEPTRONS[1] as string)) return 'Regressor';
  const losses = new Set(
    [...module.text.matchAll(/loss\s*=\s*['"](\w+)['"]/g)].map(([, loss]) => loss ?? ''),
  );
  const [loss] = losses;
  if (losses.size !== 1 || !loss) return null;
  if (/^(?:binary_crossentropy|sparse_categorical_crossentropy)$/.test(loss)) return 'Classifier';
  return /^(?:mse|mae|mean_squared_error|mean_absolute_error|huber|huber_loss)$/i.test(loss)
    ? 'Regressor'
    : null;
}

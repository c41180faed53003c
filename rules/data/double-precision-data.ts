import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type { Binary, Call, Expr, Member, Module } from '../../analysis/model.ts';
import { lastName } from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { isTrained } from '../semantics/forward.ts';
import { memoized, memoizedComponent } from '../semantics/memo.ts';
import { sliceWhole } from '../semantics/slice.ts';

const FITS = /^keras\.[\w.]*\.(?:fit|fit_generator|train_on_batch)$/;
/** Datasets that come as bytes. */
const BYTES = /^keras\.datasets\.(?:mnist|fashion_mnist|cifar10|cifar100)\.load_data$/;
const DOUBLE =
  /^(?:numpy\.float64|numpy\.float_|builtins\.float|tensorflow\.(?:float64|double)|torch\.(?:float64|double))$/;
/** Work that needs double precision, or says that it does. */
const NEEDS_DOUBLE =
  /gpytorch|botorch|torchdiffeq|odeint|pinn|physics|hamiltonian|lagrangian|gradcheck|lbfgs|kepler|molecul|quantum|finite.?diff|jacobian|hessian/i;

export default defineRule({
  id: 'double-precision-data',
  phase: 'data',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'memory',
    band: 'medium',
    source: {
      en: 'NumPy, data types: float64 takes 8 bytes where float32 takes 4 and uint8 takes 1; Keras and PyTorch train in float32 by default.',
      fr: 'NumPy, types de données : float64 prend 8 octets là où float32 en prend 4 et uint8 un seul ; Keras et PyTorch entraînent en float32 par défaut.',
    },
  },
  references: {
    course: ['Réduction des données', "Phase de conception — Optimiser le pipeline d'apprentissage"],
    links: ['https://keras.io/api/utils/config_utils/#floatx-function'],
  },
  libraries: ['tensorflow', 'keras', 'torch'],
  title: { en: 'Training data in double precision', fr: 'Données d’entraînement en double précision' },
  what: {
    en: 'Arrays that a Keras model is fitted on are turned to float64, by `astype`, by a `dtype`, or by dividing bytes by 255; or a PyTorch model is trained after `model.double()`. One finding per file.',
    fr: 'Les tableaux donnés à un modèle Keras sont convertis en float64, par `astype`, par un `dtype` ou en divisant des octets par 255 ; ou un modèle PyTorch est entraîné après `model.double()`. Un signalement par fichier.',
  },
  why: {
    en: 'float64 takes twice the memory and bandwidth of float32, eight times that of the bytes an image is made of. Keras turns it back to float32 at every batch; PyTorch computes in it, at a small fraction of the float32 rate on most GPUs. Learning gains nothing by it.',
    fr: 'float64 prend deux fois la mémoire et la bande passante de float32, huit fois celles des octets d’une image. Keras le reconvertit en float32 à chaque lot ; PyTorch calcule avec, bien plus lentement qu’en float32 sur la plupart des GPU. L’apprentissage n’y gagne rien.',
  },
  instead: {
    en: 'Convert to `float32`; divide after `astype("float32")`. Ignore the rule where double precision is needed: differential equations, Gaussian processes.',
    fr: 'Convertissez en `float32` ; divisez après `astype("float32")`. À ignorer là où la double précision est nécessaire : équations différentielles, processus gaussiens.',
  },
  messages: {
    default: {
      en: '`{cast}` makes float64 of training data: float32 takes half the memory.',
      fr: '`{cast}` met les données d’entraînement en float64 : float32 prend deux fois moins de mémoire.',
    },
    bytes: {
      en: '`{cast}` makes float64 of bytes, eight times their size: convert to float32 first.',
      fr: '`{cast}` fait des float64 à partir d’octets, huit fois leur taille : convertissez d’abord en float32.',
    },
    model: {
      en: '`{cast}`: the model trains in double precision.',
      fr: '`{cast}` : le modèle s’entraîne en double précision.',
    },
  },
  on: {
    module(module, context) {
      checkKeras(module, context);
      checkTorch(module, context);
    },
  },
  examples: {
    bad: [
      {
        code: 'from tensorflow import keras\n\n(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()\nx_train = x_train / 255.0\nx_test = x_test / 255.0\nmodel = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)])\nmodel.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))\nmodel.fit(x_train, y_train, epochs=5, validation_data=(x_test, y_test))\n',
        fixed:
          'from tensorflow import keras\n\n(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()\nx_train = x_train.astype("float32") / 255.0\nx_test = x_test.astype("float32") / 255.0\nmodel = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)])\nmodel.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))\nmodel.fit(x_train, y_train, epochs=5, validation_data=(x_test, y_test))\n',
      },
      {
        code: "import numpy as np\nfrom keras.layers import Dense\nfrom keras.models import Sequential\nfrom sklearn.model_selection import train_test_split\nfrom images import load_images\n\ndata, labels = [], []\nfor image, label in load_images('photos'):\n    data.append(image)\n    labels.append(label)\ndata = np.array(data, dtype='float64') / 255.0\nx_train, x_test, y_train, y_test = train_test_split(data, np.array(labels))\nmodel = Sequential([Dense(64, activation='relu'), Dense(2)])\nmodel.compile(optimizer='adam', loss='mse')\nmodel.fit(x_train, y_train, epochs=3)\n",
        fixed:
          "import numpy as np\nfrom keras.layers import Dense\nfrom keras.models import Sequential\nfrom sklearn.model_selection import train_test_split\nfrom images import load_images\n\ndata, labels = [], []\nfor image, label in load_images('photos'):\n    data.append(image)\n    labels.append(label)\ndata = np.array(data, dtype='float32') / 255.0\nx_train, x_test, y_train, y_test = train_test_split(data, np.array(labels))\nmodel = Sequential([Dense(64, activation='relu'), Dense(2)])\nmodel.compile(optimizer='adam', loss='mse')\nmodel.fit(x_train, y_train, epochs=3)\n",
      },
      {
        code: 'import numpy as np\nimport tensorflow as tf\n\ndef train(model, table, y):\n    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])\n    model.compile("sgd", "mse")\n    X = table.to_numpy().astype(np.float64)\n    model.fit(X, y, epochs=20)\n',
        fixed:
          'import numpy as np\nimport tensorflow as tf\n\ndef train(model, table, y):\n    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])\n    model.compile("sgd", "mse")\n    X = table.to_numpy().astype(np.float32)\n    model.fit(X, y, epochs=20)\n',
      },
      {
        code: 'import torch\nfrom torch import nn\nfrom data import loader\n\nmodel = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))\nmodel.double()\noptimizer = torch.optim.Adam(model.parameters())\nfor x, y in loader:\n    loss = nn.functional.mse_loss(model(x.double()), y.double())\n    optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()\n',
      },
    ],
    good: [
      {
        code: 'from tensorflow import keras\n\n(x_train, y_train), _ = keras.datasets.mnist.load_data()\nx_train = x_train.astype("float32") / 255.0\nmodel = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)])\nmodel.compile("adam", "mse")\nmodel.fit(x_train, y_train)\n',
      },
      {
        code: 'import numpy as np\nfrom sklearn.linear_model import LinearRegression\n\nX = np.load("x.npy").astype(np.float64)\nLinearRegression().fit(X[:, 1:], X[:, 0])\n',
        note: {
          en: 'scikit-learn’s solvers work in float64.',
          fr: 'Les solveurs de scikit-learn travaillent en float64.',
        },
      },
      {
        code: 'import numpy as np\nimport tensorflow as tf\n\nraw = np.load("x.npy").astype("float64")\nX = ((raw - raw.mean()) / raw.std()).astype("float32")\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.compile("sgd", "mse")\nmodel.fit(X, np.load("y.npy"))\n',
        note: {
          en: 'Statistics in double, training in single precision.',
          fr: 'Statistiques en double, entraînement en simple précision.',
        },
      },
      {
        code: 'import numpy as np\nfrom tensorflow import keras\n\nX = np.load("pictures.npy").astype("float32")\ntr_y = np.load("kinds.npy")\ntr_y = tr_y.astype(float)\nmodel = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])\nmodel.compile("adam", "mse")\nmodel.fit(X, tr_y, epochs=5)\n',
        note: {
          en: 'The labels alone: one number a row.',
          fr: 'Les étiquettes seules : un nombre par ligne.',
        },
      },
      {
        code: 'import torch\nfrom torch.utils.data import WeightedRandomSampler\n\ndef sampler(weights, labels):\n    return WeightedRandomSampler(torch.DoubleTensor([weights[label] for label in labels]), len(labels))\n\ndef accuracy(preds, labels, total):\n    return torch.sum(preds == labels).double() / total\n',
        note: {
          en: 'Sampling weights and a metric.',
          fr: 'Des poids d’échantillonnage et une mesure.',
        },
      },
      {
        code: 'import pandas as pd\nimport tensorflow as tf\n\ndf = pd.read_csv("customers.csv")\ndf["charges"] = df["charges"].astype(float)\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.compile("sgd", "mse")\nmodel.fit(df[["charges"]].to_numpy(dtype="float32"), df["churn"])\n',
        note: { en: 'One column of text is parsed.', fr: 'Une colonne de texte est décodée.' },
      },
      {
        code: 'import pandas as pd\nimport tensorflow as tf\n\ndef load(path):\n    sales = pd.read_csv(path, skiprows=1)\n    sales = sales.iloc[:, [0, 2, 3]]\n    sales.columns = ["day", "price", "sold"]\n    sales["day"] = pd.to_datetime(sales["day"])\n    sales["month"] = sales["day"].dt.month.astype(float)\n    sales["price"] = sales["price"].str.strip("$").astype(float)\n    return sales[["month", "price"]].values, sales["sold"].values\n\nX, y = load("sales.csv")\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nmodel.compile("sgd", "mse")\nmodel.fit(X, y, epochs=20)\n',
        note: { en: 'Parts of dates, parsed prices.', fr: 'Des parties de dates, des prix décodés.' },
      },
      {
        code: 'import torch\nfrom torch import nn\nfrom torchdiffeq import odeint\n\nmodel = nn.Linear(2, 2).double()\noptimizer = torch.optim.Adam(model.parameters())\n\ndef step(x, t, target):\n    loss = (odeint(lambda _, s: model(s), x, t) - target).pow(2).mean()\n    loss.backward()\n    optimizer.step()\n',
        note: { en: 'An ODE solver needs it.', fr: 'Un solveur d’EDO en a besoin.' },
      },
    ],
  },
});

/** A Keras training; of a model that is out of sight, where its arguments are Keras' own. */
function isFit(flow: Flow, call: Call): boolean {
  if (!/^(?:fit|fit_generator|train_on_batch)$/.test(lastName(call.callee))) return false;
  const names = flow.names(call);
  if (names.some((name) => FITS.test(name))) return true;
  return (
    names.includes('?.fit') &&
    call.args.some(({ name }) => name === 'epochs') &&
    flow.moduleOf(call).imports.some((one) => /^(?:tensorflow|keras)(?:\.|$)/.test(one.module))
  );
}

/** Names of what a model should answer: a number a row, beside the row itself. */
const LABELS = /^(?:.*_)?(?:y|labels?|targets?)(?:_.*)?$/i;

interface Site {
  readonly at: Expr;
  readonly edit: Edit | null;
  readonly isBytes: boolean;
}

const fitsIn = memoized((flow, module: Module): readonly Call[] =>
  module.language === 'python' ? module.calls.filter((call) => isFit(flow, call)) : [],
);

/** What of a module goes into the fits of Keras models. */
interface Fed {
  readonly calls: Call[];
  readonly divisions: Binary[];
}

/** What the modules that imports join fit Keras models on, back to where it comes from, by module. */
const fedToKeras = memoizedComponent((flow, modules): ReadonlyMap<Module, Fed> => {
  const fits = [...modules].flatMap((one) => fitsIn(flow, one));
  const { calls, expressions } = sliceWhole(
    flow,
    fits.flatMap((call) => call.args.map(({ value }) => value)),
    { stops: (expr) => expr.kind === 'call' && isSingle(flow, expr), program: true },
  );
  const fed = new Map<Module, Fed>([...modules].map((one) => [one, { calls: [], divisions: [] }]));
  for (const call of calls) fed.get(flow.moduleOf(call))?.calls.push(call);
  for (const expr of expressions)
    if (expr.kind === 'binary' && expr.operator === '/') fed.get(flow.moduleOf(expr))?.divisions.push(expr);
  return fed;
});

function checkKeras(module: Module, context: RuleContext): void {
  const { flow } = context;
  const { calls = [], divisions = [] } = fedToKeras(flow, module).get(module) ?? {};
  const sites: Site[] = [];
  for (const call of calls) {
    const dtype = doubleOf(flow, call);
    if (dtype) sites.push({ at: call, edit: singleFor(module, flow, dtype), isBytes: false });
  }
  for (const expr of divisions)
    if (dividesBytes(flow, expr)) {
      const text = textOf(module, expr.left);
      sites.push({ at: expr, edit: replace(expr.left, `${text}.astype("float32")`), isBytes: true });
    }
  sites.sort((a, b) => a.at.start - b.at.start);
  const [first] = sites;
  if (!first) return;
  const cast = textOf(module, first.at).replace(/\s+/g, ' ');
  const edits = sites.flatMap(({ edit }) => (edit ? [edit] : []));
  context.fail(spanOf(first.at), {
    ...(first.isBytes ? { message: 'bytes' } : {}),
    data: { cast: cast.length > 50 ? `…${cast.slice(-49)}` : cast },
    fixes: edits.length === sites.length ? toSingle(edits) : [],
  });
}

/** What is underlined: the division, or the cast's name. */
function spanOf(expr: Expr): { start: number; end: number } {
  if (expr.kind !== 'call') return expr;
  return expr.callee.kind === 'member' ? { start: expr.callee.propertyStart, end: expr.end } : expr;
}

function toSingle(edits: readonly Edit[]): readonly Fix[] {
  return [{ title: { en: 'Use float32', fr: 'Utiliser float32' }, edits: () => edits }];
}

/** The dtype that a conversion of a whole array is given. */
function dtypeOf(flow: Flow, call: Call): Expr | null {
  const names = flow.names(call);
  if (call.callee.kind === 'member' && call.callee.property === 'astype') {
    if (isColumn(flow, call.callee.object) || LABELS.test(lastName(call.callee.object))) return null;
    const given = flow.argument(call, 'dtype', 0);
    return given.state === 'given' ? given.value : null;
  }
  if (
    names.some((name) =>
      /^numpy\.(?:array|asarray|zeros|ones|empty|full)$|^pandas\.DataFrame\.to_numpy$/.test(name),
    )
  ) {
    const position = names.some((name) => /\.to_numpy$/.test(name)) ? 0 : 1;
    const given = flow.argument(call, 'dtype', position);
    return given.state === 'given' ? given.value : null;
  }
  if (names.includes('tensorflow.cast')) return call.args[1]?.value ?? null;
  return null;
}

/** One column of a table, named or in a loop over them, or a part of its dates: parsed rather than converted. */
function isColumn(flow: Flow, expr: Expr): boolean {
  if (flow.isA(expr, 'pandas.Series')) return true;
  if (expr.kind === 'call' && expr.callee.kind === 'member') return isColumnPart(expr.callee);
  if (expr.kind === 'member') return isColumnPart(expr);
  return expr.kind === 'index' && (expr.index.kind === 'name' || expr.index.kind === 'literal');
}

/** `df["date"].dt.day`, `df["price"].str.strip("$")`: columns alone have these accessors. */
function isColumnPart({ object }: Member): boolean {
  if (object.kind === 'call' && object.callee.kind === 'member') return isColumnPart(object.callee);
  return object.kind === 'member' && (/^(?:dt|str|cat)$/.test(object.property) || isColumnPart(object));
}

function doubleOf(flow: Flow, call: Call): Expr | null {
  const dtype = dtypeOf(flow, call);
  if (!dtype) return null;
  const constant = flow.constant(dtype);
  if (typeof constant === 'string') return /^(?:float64|double|float|f8)$/.test(constant) ? dtype : null;
  const values = flow.values(dtype);
  const isDouble = values.length === 1 && values[0]?.kind === 'library' && DOUBLE.test(values[0].name);
  return isDouble ? dtype : null;
}

/** Whether the call gives single precision, or integers: what lies behind it is no matter. */
function isSingle(flow: Flow, call: Call): boolean {
  if (call.callee.kind === 'member' && /^(?:float|half)$/.test(call.callee.property)) return true;
  const dtype = dtypeOf(flow, call);
  if (!dtype || doubleOf(flow, call))
    return flow.names(call).some((name) => /(?:to_categorical|img_to_array)$/.test(name));
  return true;
}

function singleFor(module: Module, flow: Flow, dtype: Expr): Edit | null {
  const text = textOf(module, dtype);
  if (dtype.kind === 'literal') return replace(dtype, text.replace(/float64|double|float|f8/, 'float32'));
  if (dtype.kind === 'member') return replace(dtype, text.replace(/\w+$/, 'float32'));
  return flow.values(dtype).some((value) => value.kind === 'library' && value.name === 'builtins.float') &&
    text === 'float'
    ? replace(dtype, '"float32"')
    : null;
}

/** `x_train / 255.0`, where the array holds the bytes of a well-known dataset. */
function dividesBytes(flow: Flow, expr: Binary): boolean {
  return (
    expr.left.kind !== 'call' &&
    typeof flow.constant(expr.right) === 'number' &&
    holdsBytes(flow, expr.left, 0)
  );
}

/** Whether the array comes from such a dataset, reshaped or cut at most. */
function holdsBytes(flow: Flow, expr: Expr, depth: number): boolean {
  if (depth > 6) return false;
  if (expr.kind === 'index') return holdsBytes(flow, expr.object, depth + 1);
  if (expr.kind === 'call') {
    const { callee, args } = expr;
    if (callee.kind === 'member' && /^(?:reshape|copy|squeeze|transpose)$/.test(callee.property))
      if (callee.object.kind !== 'name' || !/^(?:np|numpy|tf)$/.test(callee.object.name))
        return holdsBytes(flow, callee.object, depth + 1);
    const keeps = flow
      .names(expr)
      .some((name) => /^numpy\.(?:reshape|expand_dims|squeeze|concatenate)$/.test(name));
    return keeps && args[0] !== undefined && holdsBytes(flow, args[0].value, depth + 1);
  }
  if (expr.kind === 'sequence')
    return expr.items.length > 0 && expr.items.every((item) => holdsBytes(flow, item, depth + 1));
  if (expr.kind !== 'name') return false;
  const bindings = reachingBindings(expr, flow.moduleOf(expr));
  return (
    bindings.length > 0 &&
    bindings.every(({ source }) => {
      if (source.from === 'expr') return holdsBytes(flow, source.expr, depth + 1);
      if (source.from !== 'unpack' || source.expr.kind !== 'call' || source.path.at(-1) !== 0) return false;
      return flow.names(source.expr).some((name) => BYTES.test(name));
    })
  );
}

/** `model.double()` on a model that is trained. */
function checkTorch(module: Module, context: RuleContext): void {
  const { flow } = context;
  for (const call of module.calls) {
    const { callee } = call;
    if (callee.kind !== 'member' || callee.property !== 'double' || call.args.length > 0) continue;
    const models = flow.objects(callee.object).filter(({ types }) => types.includes('torch.nn.Module'));
    if (models.length === 0 || !models.some((model) => isTrained(flow, model))) continue;
    if ([...flow.related(module)].some((one) => NEEDS_DOUBLE.test(one.text))) continue;
    context.fail(
      { start: callee.propertyStart, end: call.end },
      { message: 'model', data: { cast: textOf(module, call).slice(-50).replace(/\s+/g, ' ') } },
    );
    return;
  }
}

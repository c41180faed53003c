import { describe, expect, it } from 'vitest';
import { analyse } from '../testing.ts';

/** Canonical names of the call that starts with `text`. */
function names(source: string, text: string, files: Record<string, string> = {}) {
  const { flow, call } = analyse(source, files);
  return flow.names(call(text));
}

describe('canonical names', () => {
  it.each([
    ['import torch.nn as N\nN.Linear(1, 2)', 'N.Linear', 'torch.nn.Linear'],
    ['import torch\ntorch.nn.Linear(1, 2)', 'torch.nn', 'torch.nn.Linear'],
    ['from torch import nn\nnn.Linear(1, 2)', 'nn.', 'torch.nn.Linear'],
    ['from torch.nn import Linear as L\nL(1, 2)', 'L(', 'torch.nn.Linear'],
    ['import tensorflow as tf\ntf.keras.Sequential()', 'tf.', 'keras.Sequential'],
    ['from tensorflow.keras.models import Sequential\nSequential()', 'Seq', 'keras.Sequential'],
    ['from keras.models import *\nSequential()', 'Seq', 'keras.Sequential'],
    ['import pytorch_lightning as pl\npl.Trainer()', 'pl.', 'lightning.Trainer'],
    ['range(3)', 'range', 'builtins.range'],
    [
      'try:\n  from tensorflow import keras\nexcept ImportError:\n  import keras\nkeras.Sequential()',
      'keras.S',
      'keras.Sequential',
    ],
  ])('%s', (source, text, expected) => {
    expect(names(source, text)[0]).toBe(expected);
  });

  it('knows methods by the type of their receiver and by its bases', () => {
    const source = 'import keras\nm = keras.Sequential()\nm.fit(1)';
    expect(names(source, 'm.fit')).toEqual(
      expect.arrayContaining(['keras.Sequential.fit', 'keras.Model.fit']),
    );
  });

  it('finds what an application keeps under a shared name', () => {
    const kept = 'import keras\ndef start(app):\n  app.state.net = keras.Sequential()\n';
    expect(names(`${kept}def run(request):\n  request.app.state.net.fit(1)`, 'request.app')).toContain(
      'keras.Sequential.fit',
    );
    expect(names(`${kept}def run(other):\n  other.state.net.fit(1)`, 'other.state')).toEqual(['?.fit']);
    const page = 'import keras, streamlit as st\nst.session_state.net = keras.Sequential()\n';
    expect(names(`${page}st.session_state.net.fit(1)`, 'st.session_state.net.fit')).toContain(
      'keras.Sequential.fit',
    );
  });

  it('takes what the top level gives anew for the last word, seen from a function', () => {
    const source = 'from keras import Sequential\nSequential = Sequential()\ndef run():\n  Sequential.fit(1)';
    expect(names(source, 'Sequential.fit')).toContain('keras.Sequential.fit');
  });

  it('says what it does not know', () => {
    expect(names('def f(x):\n  x.fit()', 'x.fit')).toEqual(['?.fit']);
    expect(names('def f(x):\n  x()', 'x()')).toEqual(['?.__call__']);
    expect(names('def f(x): pass\nf(1)', 'f(1)')).toEqual([]);
  });
});

describe('values', () => {
  const net = 'import torch\nfrom torch import nn\nclass Net(nn.Module):\n  def forward(self, x): return x\n';
  const forward = 'torch.nn.Module.__call__';

  it.each([
    ['assignment', 'm = Net()\nm(1)', 'm(1)'],
    ['chained calls', 'm = Net().to("cuda").eval()\nm(1)', 'm(1)'],
    ['self-assignment', 'm = Net()\nm = m.eval()\nm(1)', 'm(1)'],
    ['tuple unpacking', 'a, (m, b) = 1, (Net(), 2)\nm(1)', 'm(1)'],
    ['conditional expression', 'm = Net() if x else None\nm(1)', 'm(1)'],
    ['branches', 'if x:\n  m = Net()\nelse:\n  m = None\nm(1)', 'm(1)'],
    ['function return', 'def build():\n  return Net()\nm = build()\nm(1)', 'm(1)'],
    ['function argument', 'def run(m):\n  m(1)\nrun(Net())', 'm(1)'],
    ['keyword argument', 'def run(x, *, m=None):\n  m(1)\nrun(1, m=Net())', 'm(1)'],
    [
      'attribute of self',
      'class T:\n  def __init__(self, m):\n    self.m = m\n  def go(self):\n    self.m(1)\nT(Net())',
      'self.m(1)',
    ],
    ['list of models', 'for m in [Net(), Net()]:\n  m(1)', 'm(1)'],
    ['appended list', 'ms = []\nfor i in range(3):\n  ms.append(Net())\nfor m in ms:\n  m(1)', 'm(1)'],
    ['dict of models', 'ms = {"a": Net()}\nms["a"](1)', 'ms["a"](1)'],
    ['dict items', 'for k, m in {"a": Net()}.items():\n  m(1)', 'm(1)'],
    ['annotation', 'def run(m: nn.Module):\n  m(1)', 'm(1)'],
    ['wrapper', 'm = nn.DataParallel(Net())\nm(1)', 'm(1)'],
    ['compiled', 'm = torch.compile(Net())\nm(1)', 'm(1)'],
    ['global', 'm = None\ndef load():\n  global m\n  m = Net()\ndef run():\n  m(1)', 'm(1)'],
    ['walrus', 'if (m := Net()):\n  m(1)', 'm(1)'],
    ['loop-carried', 'm = None\nfor i in range(2):\n  if m: m(1)\n  m = Net()', 'm(1)'],
  ])('%s', (_title, source, text) => {
    expect(names(net + source, text)).toContain(forward);
  });

  it('honours order and exclusive branches', () => {
    const { flow, call } = analyse('x = 1\nf(x)\nx = 2\ng(x)\nif a:\n  x = 3\nelse:\n  h(x)\ni(x)');
    const at = (text: string) => flow.constants(call(text).args[0]!.value);
    expect(at('f(')).toEqual([1]);
    expect(at('g(')).toEqual([2]);
    expect(at('h(')).toEqual([2]);
    expect(at('i(')).toEqual([2, 3]);
  });

  it('follows objects across files', () => {
    const files = {
      'pkg/__init__.py': '',
      'pkg/nets.py': 'import torch.nn as nn\nclass Base(nn.Module): pass\nclass Net(Base): pass\n',
      'src/run.py': 'def run(model):\n  model.eval()\n',
    };
    const source = 'from pkg.nets import Net\nfrom src.run import run\nmodel = Net()\nrun(model)\nmodel(1)';
    const { flow, call } = analyse(source, files);
    expect(flow.names(call('model(1)'))).toContain(forward);
    const object = flow.objects(call('model(1)').callee)[0]!;
    expect(flow.uses(object).map((use) => use.method ?? use.role)).toContain('eval');
  });

  it('follows package re-exports and relative imports', () => {
    const files = {
      'pkg/__init__.py': 'from .nets import Net\n',
      'pkg/nets.py': 'from torch import nn\nclass Net(nn.Module): pass\n',
    };
    expect(names('import pkg\npkg.Net()(1)', 'pkg.Net()(1)', files)).toContain(forward);
    expect(names('from pkg import *\nNet()(1)', 'Net()(1)', files)).toContain(forward);
  });
});

describe('constants', () => {
  it.each([
    ['module constant', 'E = 5\nf(E)', 5],
    ['arithmetic', 'E = 2 * (3 + 4)\nf(E)', 14],
    ['f-string', 'size = "large"\nf(f"bert-{size}")', 'bert-large'],
    ['class attribute', 'class C:\n  e = 3\nf(C.e)', 3],
    ['dataclass default', '@dataclass\nclass C:\n  e: int = 3\nc = C()\nf(c.e)', 3],
    ['dataclass argument', '@dataclass\nclass C:\n  e: int = 3\nc = C(e=7)\nf(c.e)', 7],
    ['dict config', 'cfg = {"train": {"epochs": 9}}\nf(cfg["train"]["epochs"])', 9],
    ['dict get', 'cfg = {"epochs": 9}\nf(cfg.get("epochs", 1))', 9],
    [
      'argparse',
      'import argparse\np = argparse.ArgumentParser()\np.add_argument("--num-epochs", type=int, default=4)\na = p.parse_args()\nf(a.num_epochs)',
      4,
    ],
    [
      'argparse, with what it does not know',
      'import argparse\np = argparse.ArgumentParser()\np.add_argument("--num-epochs", type=int, default=4)\na, rest = p.parse_known_args()\nf(a.num_epochs)',
      4,
    ],
    [
      'argparse, the first of the pair',
      'import argparse\np = argparse.ArgumentParser()\np.add_argument("--num-epochs", type=int, default=4)\nf(p.parse_known_args()[0].num_epochs)',
      4,
    ],
    [
      'argparse, as a dict',
      'import argparse\np = argparse.ArgumentParser()\np.add_argument("-e", "--epochs", type=int, default=20)\na = vars(p.parse_args())\nf(a["epochs"])',
      20,
    ],
    ['environment default', 'import os\nf(os.environ.get("M", "gpt"))', 'gpt'],
    ['parameter default', 'def g(e=6):\n  f(e)', 6],
  ])('%s', (_title, source, expected) => {
    const { flow, call } = analyse(source);
    expect(flow.constants(call('f(').args[0]!.value)).toEqual([expected]);
  });

  it('reads constants of another module', () => {
    const { flow, call } = analyse('import config\nfrom config import E\nf(config.E + E)', {
      'config.py': 'E = 4',
    });
    expect(flow.constant(call('f(').args[0]!.value)).toBe(8);
  });
});

describe('arguments', () => {
  it('sees keywords, positions and dicts that are spread', () => {
    const { flow, call } = analyse('kw = {"b": 2}\nf(1, c=3, **kw)\ng(**unknown)\nh(1)');
    expect(flow.argument(call('f('), 'c').state).toBe('given');
    expect(flow.argument(call('f('), 'a', 0).state).toBe('given');
    expect(flow.argument(call('f('), 'b').state).toBe('given');
    expect(flow.argument(call('f('), 'z').state).toBe('absent');
    expect(flow.argument(call('g('), 'z').state).toBe('unknown');
    expect(flow.argument(call('h('), 'z', 1).state).toBe('absent');
  });
});

describe('loops', () => {
  it.each([
    ['for e in range(10): pass', 10],
    ['N = 20\nfor e in range(1, N + 1): pass', 20],
    ['from tqdm import tqdm\nfor e in tqdm(range(7)): pass', 7],
    ['from tqdm import trange\nfor e in trange(8): pass', 8],
    ['for i, e in enumerate(range(3)): pass', 3],
    ['while True: pass', Number.POSITIVE_INFINITY],
    ['e = 0\nwhile e < 12:\n  e += 1', 12],
    ['score = 0\nwhile score < 0.9:\n  score = run()', undefined],
    ['for x in [1, 2, 3]: pass', 3],
    ['epochs = range(1, 101)\nfor e in epochs: pass', 100],
    ['for x in loader: pass', undefined],
  ])('%s', (source, expected) => {
    const { flow, module } = analyse(source);
    expect(flow.iterations(module.loops[0]!)).toBe(expected);
  });
});

describe('programs', () => {
  it('joins an entry with what it imports, and tells two entries apart', () => {
    const { flow, module } = analyse('import shared\n', {
      'other.py': 'import shared\n',
      'shared.py': 'x = 1\n',
      'tests/test_main.py': 'import main\n',
    });
    const shared = flow.modules.find((one) => one.path.endsWith('shared.py'))!;
    expect(flow.programs(shared).map((program) => program.entry.path)).toEqual([
      '/workspace/main.py',
      '/workspace/other.py',
    ]);
    expect(flow.programs(module)[0]!.modules.map((one) => one.path)).toContain('/workspace/shared.py');
  });
});

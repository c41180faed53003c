import type { ArgumentLookup, Flow } from '../../analysis/flow/types.ts';
import type { Assign, Call, Expr, For, If, Module, Node, Stmt, While } from '../../analysis/model.ts';
import {
  ancestors,
  contains,
  descendants,
  enclosingFunction,
  enclosingLoops,
  statementOf,
} from '../../analysis/tree.ts';
import { insertAfter, replace, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { runsTraining } from '../semantics/torch-training.ts';

/** Joins that copy everything they are given. `pair`: (array, values); `list`: one list of pieces. */
const JOINS: Readonly<Record<string, 'pair' | 'list'>> = {
  'numpy.append': 'pair',
  'numpy.concatenate': 'list',
  'numpy.vstack': 'list',
  'numpy.hstack': 'list',
  'numpy.dstack': 'list',
  'numpy.row_stack': 'list',
  'numpy.column_stack': 'list',
  'torch.cat': 'list',
  'torch.vstack': 'list',
  'torch.hstack': 'list',
  'pandas.concat': 'list',
  'tensorflow.concat': 'list',
  'pandas.DataFrame.append': 'pair',
  'pandas.Series.append': 'pair',
};

/** Rounds up to which copying costs nothing worth a word. */
const FEW_ROUNDS = 16;

export default defineRule({
  id: 'array-growth-in-loop',
  phase: 'data',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'numpy.append and pandas.concat documentation: each call allocates a new array and copies all; n rounds copy n²/2 pieces.',
      fr: 'Documentation de numpy.append et de pandas.concat : chaque appel alloue un nouveau tableau et recopie tout ; n tours copient n²/2 morceaux.',
    },
  },
  references: {
    course: [
      "Phase de conception — Optimiser le pipeline d'apprentissage",
      "Phase d'entraînement — Optimiser les formats de données",
    ],
    links: [
      'https://pandas.pydata.org/docs/user_guide/merging.html',
      'https://numpy.org/doc/stable/reference/generated/numpy.append.html',
    ],
  },
  libraries: ['numpy', 'torch', 'pandas', 'tensorflow'],
  title: { en: 'Array or table grown in a loop', fr: 'Tableau agrandi dans une boucle' },
  what: {
    en: 'A loop that joins each round’s piece to all the pieces before: `x = np.append(x, …)`, `x = np.concatenate((x, …))`, `x = torch.cat([x, …])`, `df = pd.concat([df, …])`, `df.loc[len(df)] = …`. Loops that use the array in each round, sliding windows and loops of a few rounds are left out.',
    fr: 'Une boucle qui joint le morceau de chaque tour à tous les précédents : `x = np.append(x, …)`, `x = np.concatenate((x, …))`, `x = torch.cat([x, …])`, `df = pd.concat([df, …])`, `df.loc[len(df)] = …`. Les boucles qui utilisent le tableau à chaque tour, les fenêtres glissantes et les boucles de quelques tours sont exclues.',
  },
  why: {
    en: 'These functions never extend in place: every call allocates a new array and copies all that is there. n rounds copy about n²/2 pieces where a list copies n.',
    fr: 'Ces fonctions n’agrandissent jamais sur place : chaque appel alloue un nouveau tableau et recopie tout. n tours recopient environ n²/2 morceaux, une liste n.',
  },
  instead: {
    en: 'Append the pieces to a list and join them once after the loop, or allocate the array at its full size. Ignore the rule where the pieces are few and small.',
    fr: 'Ajoutez les morceaux à une liste et joignez-les une seule fois après la boucle, ou allouez le tableau à sa taille finale. À ignorer quand les morceaux sont peu nombreux et petits.',
  },
  messages: {
    default: {
      en: '`{name}` is copied whole by `{join}` in every round: collect the pieces in a list and join once after the loop.',
      fr: '`{name}` est recopié en entier par `{join}` à chaque tour : mettez les morceaux dans une liste et joignez-les une fois après la boucle.',
    },
  },
  on: {
    calls: {
      names: [...Object.keys(JOINS), '?.append'],
      check,
    },
    module: checkRows,
  },
  examples: {
    bad: [
      {
        code: 'import glob\nimport pandas as pd\n\ndf = pd.DataFrame()\nfor path in glob.glob("data/*.csv"):\n    part = pd.read_csv(path)\n    df = pd.concat([df, part], ignore_index=True)\nprint(len(df))\n',
        fixed:
          'import glob\nimport pandas as pd\n\ndf = []\nfor path in glob.glob("data/*.csv"):\n    part = pd.read_csv(path)\n    df.append(part)\ndf = pd.concat(df, ignore_index=True)\nprint(len(df))\n',
      },
      {
        code: 'import numpy as np\n\npredictions = np.array([])\nfor batch in batches:\n    scores = score(batch)\n    predictions = np.append(predictions, scores)\n',
        fixed:
          'import numpy as np\n\npredictions = []\nfor batch in batches:\n    scores = score(batch)\n    predictions.append(scores)\npredictions = np.hstack(predictions)\n',
      },
      {
        code: 'import torch\n\ndef embed(model, loader):\n    features = None\n    with torch.no_grad():\n        for x in loader:\n            out = model(x)\n            if features is None:\n                features = out\n            else:\n                features = torch.cat((features, out), dim=0)\n    return features\n',
      },
      {
        code: 'import numpy as np\n\ndef load(files):\n    images = np.empty((0, 784))\n    for name in files:\n        images = np.vstack([images, np.load(name).reshape(1, -1)])\n    return images\n',
        fixed:
          'import numpy as np\n\ndef load(files):\n    images = []\n    for name in files:\n        images.append(np.load(name).reshape(1, -1))\n    images = np.vstack(images)\n    return images\n',
      },
      {
        code: 'import numpy as np\n\ndef gather(paths):\n    data = {"x": np.array([]), "y": np.array([])}\n    for path in paths:\n        part = np.load(path)\n        data["x"] = np.append(data["x"], part["x"])\n        data["y"] = np.append(data["y"], part["y"])\n    return data\n',
      },
      {
        code: 'import glob\nimport json\nimport pandas as pd\n\ntable = pd.DataFrame(columns=["text", "label"])\nfor path in glob.glob("reviews/*.json"):\n    with open(path) as file:\n        review = json.load(file)\n    table.loc[len(table)] = [review["text"], review["label"]]\ntable.to_parquet("reviews.parquet")\n',
        note: { en: 'A row more, a table anew.', fr: 'Une ligne de plus, un tableau refait.' },
      },
    ],
    good: [
      {
        code: 'import pandas as pd\n\nlog = pd.DataFrame(columns=["epoch", "loss"])\nfor epoch in range(100):\n    log.loc[len(log)] = [epoch, train_one()]\n\nprices = pd.read_csv("prices.csv")\nfor index, row in prices.iterrows():\n    prices.loc[index, "net"] = row["gross"] / 1.2\n',
        note: {
          en: 'A figure an epoch; cells that are there.',
          fr: 'Un chiffre par époque ; des cases déjà là.',
        },
      },
      {
        code: 'import torch\n\ndef generate(model, ids, steps):\n    for _ in range(steps):\n        logits = model(ids)\n        ids = torch.cat([ids, logits[:, -1:].argmax(-1)], dim=1)\n    return ids\n',
        note: { en: 'The next round needs the whole.', fr: 'Le tour suivant a besoin du tout.' },
      },
      {
        code: 'import numpy as np\n\nwindow = np.zeros(30)\nfor price in prices:\n    window = np.append(window[1:], price)\n    act(window)\n',
        note: { en: 'A window of fixed size.', fr: 'Une fenêtre de taille fixe.' },
      },
      {
        code: 'import glob\nimport pandas as pd\n\nparts = []\nfor path in glob.glob("*.csv"):\n    parts.append(pd.read_csv(path))\ndf = pd.concat(parts)\n',
      },
      {
        code: 'import numpy as np\n\nfor batch in batches:\n    x = first(batch)\n    x = np.concatenate((x, second(batch)))\n    train(x)\n',
        note: { en: 'Begun anew in each round.', fr: 'Repris à zéro à chaque tour.' },
      },
      {
        code: 'import pandas as pd\n\ntrain = pd.read_csv("a.csv")\nfor name in ("b.csv", "c.csv"):\n    train = pd.concat([train, pd.read_csv(name)])\n',
        note: { en: 'Two rounds.', fr: 'Deux tours.' },
      },
      {
        code: 'import lightgbm as lgb\nimport pandas as pd\n\nimportances = pd.DataFrame()\nfor train, valid in folds:\n    model = lgb.LGBMClassifier()\n    model.fit(x[train], y[train])\n    part = pd.DataFrame({"gain": model.feature_importances_})\n    importances = pd.concat([importances, part])\n',
        note: { en: 'A few rows per training.', fr: 'Quelques lignes par entraînement.' },
      },
      {
        code: 'import torch\nimport torch.nn as nn\n\nclass Dense(nn.Module):\n    def forward(self, x):\n        for layer in self.layers:\n            x = torch.cat([x, layer(x)], 1)\n        return x\n',
        note: { en: 'Each layer takes all before it.', fr: 'Chaque couche prend toutes les précédentes.' },
      },
    ],
  },
});

/** `x = join(x, piece)` that makes `x` larger. */
interface Growth {
  readonly assign: Assign;
  readonly join: string;
  readonly style: 'pair' | 'list';
  readonly target: Expr;
  /** What each round adds, where it is one thing put behind. */
  readonly piece: Expr | null;
}

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const growth = growthOf(call, module, flow);
  const loop = growth && enclosingLoops(call)[0];
  if (!growth || !loop || loop.kind === 'comprehension') return;
  const text = textOf(module, growth.target);
  if (!isUnread(loop, growth, text, module, flow) || isRestarted(loop, growth, text, module, flow)) return;
  const rounds = enclosingLoops(call).map((one) => flow.iterations(one));
  if (rounds.every((count) => count !== undefined && count <= FEW_ROUNDS)) return;
  if (rounds.length === 1 && (isShortList(loop) || isInForward(call))) return;
  if (fits(loop, flow) || loop.body.statements.some((one) => one.kind === 'break')) return;
  // what else grows in the same loop is the same habit: said once
  const first = descendants(loop.body, 'assign', true).find((one) => isGrowth(one, module, flow));
  if (first !== growth.assign) return;
  context.fail(call.callee, {
    data: { name: text, join: textOf(module, call.callee) },
    fixes: growth.target.kind === 'index' ? [] : listFix(growth, call, text, module, flow),
  });
}

/** `df.loc[len(df)] = row`: pandas makes the table anew to hold one row more. */
function checkRows(module: Module, context: RuleContext): void {
  if (!/\.loc\s*\[\s*(?:len\(|\w+\.shape\[0\])/.test(module.text)) return;
  const { flow } = context;
  const seen = new Set<string>();
  for (const assign of module.assigns) {
    const table = enlargedTable(assign, module);
    const loop = table && enclosingLoops(assign)[0];
    if (!table || !loop || loop.kind === 'comprehension' || !flow.isA(table, 'pandas.DataFrame')) continue;
    const text = textOf(module, table);
    const rounds = enclosingLoops(assign).map((one) => flow.iterations(one));
    if (rounds.every((count) => count !== undefined && count <= FEW_ROUNDS) || isShortList(loop)) continue;
    if (fits(loop, flow) || loop.body.statements.some((one) => one.kind === 'break')) continue;
    const isOnlyFilled = descendants(loop.body, table.kind as 'name').every((node) => {
      if (textOf(module, node) !== text) return true;
      return [...ancestors(node)].some(
        (parent) => parent.kind === 'assign' && enlargedTable(parent, module) !== null,
      );
    });
    if (!isOnlyFilled || seen.has(`${loop.start} ${text}`)) continue;
    seen.add(`${loop.start} ${text}`);
    const [target] = assign.targets;
    if (target) context.fail(target, { data: { name: text, join: `${text}.loc[…] =` } });
  }
}

/** The table of `table.loc[len(table)] = …`. */
function enlargedTable(assign: Assign, module: Module): Expr | null {
  const target = assign.targets.length === 1 ? assign.targets[0] : undefined;
  if (assign.operator !== null || target?.kind !== 'index' || target.object.kind !== 'member') return null;
  const { object: table, property } = target.object;
  if (property !== 'loc' || (table.kind !== 'name' && table.kind !== 'member')) return null;
  const name = textOf(module, table);
  const at = textOf(module, target.index).replace(/\s+/g, '');
  return [`len(${name})`, `len(${name}.index)`, `${name}.shape[0]`, `len(${name})+1`].includes(at)
    ? table
    : null;
}

function growthOf(call: Call, module: Module, flow: Flow): Growth | null {
  const assign = call.parent;
  if (assign?.kind !== 'assign' || assign.operator !== null || assign.targets.length !== 1) return null;
  const target = assign.targets[0];
  if (!target) return null;
  const isHeld = target.kind === 'index' && target.index.kind === 'literal'; // `batch["x"] = np.append(batch["x"], …)`
  if (target.kind !== 'name' && target.kind !== 'member' && !isHeld) return null;
  const text = textOf(module, target);
  const isSame = (expr: Expr | undefined) => expr !== undefined && textOf(module, expr) === text;
  const name = flow.names(call).find((one) => JOINS[one]);
  if (call.callee.kind === 'member' && call.callee.property === 'append' && isSame(call.callee.object)) {
    // a list's append gives nothing back: what is assigned can only be pandas'
    const isTable = name !== undefined || module.imports.some((one) => one.module === 'pandas');
    return isTable ? { assign, join: 'append', style: 'pair', target, piece: null } : null;
  }
  const style = name ? JOINS[name] : undefined;
  if (!name || !style || call.args.some((argument) => argument.spread)) return null;
  const axis = flow.argument(call, 'axis', style === 'pair' ? 2 : 1);
  if (style === 'pair') {
    const [array, values] = call.args;
    if (!isSame(array?.value)) return null;
    const piece = axis.state === 'absent' && values?.name === null ? values.value : null;
    return { assign, join: name, style, target, piece };
  }
  if (name === 'pandas.concat' && axis.state !== 'absent' && !isRows(axis, flow)) return null; // columns are few
  const pieces = call.args[0]?.value;
  if (pieces?.kind !== 'sequence') return null;
  const at = pieces.items.findIndex(isSame);
  if (at < 0) return null;
  const piece = at === 0 && pieces.items.length === 2 ? (pieces.items[1] ?? null) : null;
  return { assign, join: name, style, target, piece: piece?.kind === 'spread' ? null : piece };
}

function isRows(axis: ArgumentLookup, flow: Flow): boolean {
  return (
    axis.state === 'given' && [0, 'index', 'rows'].includes(flow.constant(axis.value) as number | string)
  );
}

/** Every mention of the target in the loop, other than in the growth itself. */
function mentions(loop: For | While, growth: Growth, text: string, module: Module, flow: Flow): Node[] {
  const nodes: Node[] = [...descendants(loop, growth.target.kind as 'name')];
  const growths = descendants(loop, 'assign', true).filter((one) => isGrowth(one, module, flow, text));
  return nodes.filter(
    (node) =>
      textOf(module, node) === text &&
      !growths.some((one) => contains(one, node)) &&
      !(loop.orelse && contains(loop.orelse, node)),
  );
}

/** Whether no round looks at what was gathered so far; its length, its shape and a check for emptiness aside. */
function isUnread(loop: For | While, growth: Growth, text: string, module: Module, flow: Flow): boolean {
  const inPiece = [...descendants(growth.assign, growth.target.kind as 'name')].filter(
    (node) => textOf(module, node) === text,
  );
  if (inPiece.length > 2) return false; // `torch.cat([x, layer(x)])`
  return mentions(loop, growth, text, module, flow).every((node) => {
    const parent = node.parent;
    if (parent?.kind === 'assign' && parent.targets.includes(node as Expr)) return true;
    if (parent?.kind === 'binary') {
      return ['is', 'is not', '=='].includes(parent.operator) && parent.right.kind === 'literal';
    }
    return false;
  });
}

/** Whether the rounds begin it anew: any other assignment in the loop but that of the first round. */
function isRestarted(loop: For | While, growth: Growth, text: string, module: Module, flow: Flow): boolean {
  return mentions(loop, growth, text, module, flow).some((node) => {
    const parent = node.parent;
    if (parent?.kind !== 'assign' || !parent.targets.includes(node as Expr)) return false;
    return !isOtherBranch(parent, growth.assign);
  });
}

/** `if first: x = piece` / `else: x = join(x, piece)`. */
function isOtherBranch(first: Node, second: Node): boolean {
  for (const parent of ancestors(first)) {
    if (parent.kind !== 'if') continue;
    const branch: If = parent;
    if (!branch.otherwise || !contains(branch, second)) continue;
    return contains(branch.then, first) !== contains(branch.then, second);
  }
  return false;
}

function isShortList(loop: For | While): boolean {
  return loop.kind === 'for' && loop.iterable.kind === 'sequence' && loop.iterable.items.length <= FEW_ROUNDS;
}

/** Layers, heads, scales: few, and part of a graph. */
function isInForward(call: Call): boolean {
  return /^(?:forward|call|__call__|build)$/.test(enclosingFunction(call)?.name ?? '');
}

/** A loop over epochs, folds or candidates: what each round trains is beyond compare. */
function fits(loop: For | While, flow: Flow, depth = 2): boolean {
  if (
    loop.kind === 'for' &&
    /epoch|fold|split/i.test(textOf(flow.moduleOf(loop), { start: loop.start, end: loop.iterable.end }))
  )
    return true;
  if (loop.kind === 'while' && loop.test && /epoch/i.test(textOf(flow.moduleOf(loop), loop.test)))
    return true;
  // a loop over batches inside: what a round adds is one figure an epoch
  if (descendants(loop.body, 'for', true).some((inner) => runsTraining(flow, inner.body))) return true;
  // what a loop over trained models gathers: a few rows for each
  if (
    /\bfeature_importances?\b|\bfeature_importances_|\bcoef_\b/.test(textOf(flow.moduleOf(loop), loop.body))
  )
    return true;
  return bodyFits(loop.body, flow, depth);
}

function bodyFits(body: Node, flow: Flow, depth: number): boolean {
  return descendants(body, 'call').some((call) => {
    if (
      flow
        .names(call)
        .some((name) => /\.(?:fit|fit_generator|train|partial_fit)$|\.cross_val_score$/.test(name))
    )
      return call.callee.kind !== 'member' || call.callee.property !== 'train' || call.args.length > 0;
    return depth > 0 && flow.targets(call).some((target) => bodyFits(target.body, flow, depth - 1));
  });
}

/** Whether the assignment makes its target larger; the one that `text` names, where given. */
function isGrowth(assign: Assign, module: Module, flow: Flow, text?: string): boolean {
  if (assign.value?.kind !== 'call' || assign.targets.length !== 1) return false;
  const target = assign.targets[0];
  if (!target || (text !== undefined && textOf(module, target) !== text)) return false;
  return growthOf(assign.value, module, flow) !== null;
}

/** An array or table with nothing in it. */
function isEmpty(expr: Expr | null, flow: Flow): boolean {
  if (expr?.kind !== 'call') return false;
  const names = flow.names(expr);
  const first = expr.args[0]?.value;
  if (names.some((name) => /^pandas\.(?:DataFrame|Series)$/.test(name)))
    return expr.args.every((argument) => argument.name === 'columns' || argument.name === 'dtype');
  if (names.some((name) => /^(?:numpy\.array|torch\.(?:tensor|Tensor|FloatTensor|LongTensor))$/.test(name))) {
    const isNothing = first === undefined || (first.kind === 'sequence' && first.items.length === 0);
    return isNothing && expr.args.slice(1).every((argument) => argument.name !== null);
  }
  if (!names.some((name) => /^(?:numpy|torch)\.(?:empty|zeros|ones)$/.test(name))) return false;
  const size = first?.kind === 'sequence' ? first.items[0] : first;
  return size?.kind === 'literal' && size.value === 0;
}

/** The empty array becomes a list, the join an `append`, and the join follows the outermost loop. */
function listFix(growth: Growth, call: Call, text: string, module: Module, flow: Flow): Fix[] {
  const { assign, piece, target } = growth;
  const loops = enclosingLoops(call);
  const outer = loops.at(-1);
  if (!piece || target.kind !== 'name' || !outer || outer.kind === 'comprehension' || outer.orelse) return [];
  const body = enclosingFunction(call)?.body ?? module.body;
  const others = descendants(body, 'name').filter(
    (name) => name.name === target.name && !contains(assign, name) && name.start < outer.end,
  );
  const start = others.length === 1 ? others[0] : undefined;
  const init = start?.parent;
  const outerStatement: Stmt = statementOf(outer);
  if (
    init?.kind !== 'assign' ||
    init.targets.length !== 1 ||
    init.targets[0] !== start ||
    !isEmpty(init.value, flow)
  )
    return [];
  if (init.parent !== outer.parent || init.start > outer.start || !startsLine(module, outer)) return [];
  const value = init.value;
  const first = call.args[0];
  if (!value || !first) return [];
  const rest = growth.style === 'pair' ? '' : module.text.slice(first.end, call.argsEnd - 1);
  const joined =
    growth.style === 'pair'
      ? textOf(module, call.callee).replace(/append$/, 'hstack')
      : textOf(module, call.callee);
  if (growth.style === 'pair' && call.callee.kind !== 'member') return [];
  return [
    {
      title: {
        en: `Collect \`${text}\` in a list, join once`,
        fr: `Réunir \`${text}\` dans une liste, joindre une fois`,
      },
      edits: () => [
        replace(value, '[]'),
        replace(assign, `${text}.append(${textOf(module, piece)})`),
        insertAfter(module, outerStatement, [`${text} = ${joined}(${text}${rest})`]),
      ],
    },
  ];
}

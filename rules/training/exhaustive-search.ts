import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Dict, Expr, Module } from '../../analysis/model.ts';
import { descendants } from '../../analysis/tree.ts';
import { insertBefore, replace } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';

const SEARCHES = ['sklearn.model_selection.GridSearchCV'];

/** Folds of scikit-learn's searches where `cv` is left out. */
const DEFAULT_FOLDS = 5;

/** Arguments that the halving search does not take. */
const GRID_ONLY = ['pre_dispatch', 'iid', 'fit_params'];

export default defineRule({
  id: 'exhaustive-search',
  phase: 'training',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source:
      'Measured for this project: 54 candidates, grid 163 s, halving 43 s, ten random ones 37 s, scores within 0.4 points (bench/evidence).',
  },
  references: {
    course: [
      "Phase d'entraînement — Limiter les itérations inutiles : « Planifier une stratégie expérimentale (design of experiments) »",
      'Recommandations aux développeurs : « Réduire la taille et le nombre d’itérations d’apprentissage »',
    ],
    links: [
      'https://scikit-learn.org/stable/modules/grid_search.html#successive-halving-user-guide',
      'https://www.jmlr.org/papers/v13/bergstra12a.html',
    ],
  },
  libraries: ['sklearn'],
  title: {
    en: 'Every combination of a grid is trained',
    fr: 'Toutes les combinaisons d’une grille sont entraînées',
  },
  what: {
    en: 'A `GridSearchCV` whose grid, times its folds, asks for more trainings than `fits`. The grid is followed through variables; one that cannot be counted is left out.',
    fr: 'Un `GridSearchCV` dont la grille, multipliée par les plis, demande plus d’entraînements que `fits`. La grille est suivie à travers les variables ; celle qui ne peut être comptée est laissée de côté.',
  },
  why: {
    en: 'A grid trains all combinations to the end, also the hopeless ones, and each value added multiplies the bill. For 54 combinations of a random forest the grid took 163 s, successive halving 43 s and ten random ones 37 s; the scores were 0.9774, 0.9768 and 0.9739 (measured on 2 vCPU).',
    fr: 'Une grille entraîne toutes les combinaisons jusqu’au bout, même sans espoir, et chaque valeur ajoutée multiplie la facture. Pour 54 combinaisons d’une forêt aléatoire, la grille a pris 163 s, l’élimination successive 43 s et dix combinaisons au hasard 37 s ; scores : 0,9774, 0,9768 et 0,9739 (mesuré sur 2 vCPU).',
  },
  instead: {
    en: '`HalvingGridSearchCV` drops the worst candidates early on little data; `RandomizedSearchCV` and Optuna try a number that you choose. Ignore the rule where the results of the whole grid are what you study.',
    fr: '`HalvingGridSearchCV` écarte tôt les pires candidats sur peu de données ; `RandomizedSearchCV` et Optuna en essaient le nombre que vous fixez. À ignorer si l’étude porte sur la grille entière.',
  },
  messages: {
    default: {
      en: 'This search trains {fits} models: {candidates} combinations × {folds} folds, each to the end.',
      fr: 'Cette recherche entraîne {fits} modèles : {candidates} combinaisons × {folds} plis, chacune jusqu’au bout.',
    },
  },
  options: {
    fits: {
      type: 'integer',
      minimum: 1,
      default: 60,
      description: {
        en: 'From how many trainings on a grid counts as large.',
        fr: 'À partir de combien d’entraînements une grille compte comme grande.',
      },
    },
  },
  on: { calls: { names: SEARCHES, check } },
  examples: {
    bad: [
      {
        code: 'from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.model_selection import GridSearchCV\n\ngrid = {\n    "n_estimators": [100, 200, 400],\n    "max_depth": [4, 8, None],\n    "min_samples_leaf": [1, 2, 5],\n}\nsearch = GridSearchCV(RandomForestClassifier(), grid, n_jobs=-1)\nsearch.fit(x, y)\n',
        fixed:
          'from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.experimental import enable_halving_search_cv\nfrom sklearn.model_selection import HalvingGridSearchCV\n\ngrid = {\n    "n_estimators": [100, 200, 400],\n    "max_depth": [4, 8, None],\n    "min_samples_leaf": [1, 2, 5],\n}\nsearch = HalvingGridSearchCV(RandomForestClassifier(), grid, n_jobs=-1)\nsearch.fit(x, y)\n',
      },
      {
        code: 'import numpy as np\nfrom sklearn import model_selection\nfrom sklearn.svm import SVC\n\nparams = [{"kernel": ["rbf"], "C": np.logspace(-2, 3, 6), "gamma": np.linspace(0.1, 1, 10)}]\nsearch = model_selection.GridSearchCV(SVC(), params, cv=3, scoring="f1")\n',
        fixed:
          'import numpy as np\nfrom sklearn import model_selection\nfrom sklearn.svm import SVC\nfrom sklearn.experimental import enable_halving_search_cv\n\nparams = [{"kernel": ["rbf"], "C": np.logspace(-2, 3, 6), "gamma": np.linspace(0.1, 1, 10)}]\nsearch = model_selection.HalvingGridSearchCV(SVC(), params, cv=3, scoring="f1")\n',
      },
      {
        code: 'from sklearn.model_selection import GridSearchCV, StratifiedKFold\nfrom sklearn.neighbors import KNeighborsClassifier\n\ndef tune(x, y):\n    folds = StratifiedKFold(n_splits=10, shuffle=True)\n    search = GridSearchCV(\n        estimator=KNeighborsClassifier(),\n        param_grid=dict(n_neighbors=range(1, 31), weights=["uniform", "distance"]),\n        cv=folds,\n        pre_dispatch=4,\n    )\n    return search.fit(x, y).best_params_\n',
      },
    ],
    good: [
      {
        code: 'from sklearn.linear_model import Ridge\nfrom sklearn.model_selection import GridSearchCV\n\nsearch = GridSearchCV(Ridge(), {"alpha": [0.1, 1, 10]}, cv=5)\n',
        note: { en: 'Fifteen trainings.', fr: 'Quinze entraînements.' },
      },
      {
        code: 'from sklearn.experimental import enable_halving_search_cv\nfrom sklearn.model_selection import HalvingGridSearchCV\n\nsearch = HalvingGridSearchCV(model, {"a": list(range(50)), "b": [1, 2, 3]})\n',
      },
      {
        code: 'from sklearn.model_selection import RandomizedSearchCV\n\nsearch = RandomizedSearchCV(model, {"a": list(range(50)), "b": [1, 2, 3]}, n_iter=15)\n',
      },
      {
        code: 'import json\nfrom sklearn.model_selection import GridSearchCV\n\nwith open("grid.json") as f:\n    grid = json.load(f)\nsearch = GridSearchCV(model, grid)\n',
        note: { en: 'Its size is not known.', fr: 'Sa taille est inconnue.' },
      },
      {
        code: 'from sklearn.model_selection import GridSearchCV, PredefinedSplit\n\ngrid = {"C": [0.01, 0.1, 1, 10], "gamma": [0.1, 1, 10], "degree": [2, 3]}\nsearch = GridSearchCV(model, grid, cv=PredefinedSplit(folds))\n',
        note: { en: 'One fold, 24 trainings.', fr: 'Un pli, 24 entraînements.' },
      },
      {
        code: 'from search import GridSearchCV\n\nGridSearchCV({"a": list(range(90))}, cv=10)\n',
        note: { en: 'Another class of that name.', fr: 'Une autre classe de ce nom.' },
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const grid = flow.argument(call, 'param_grid', 1);
  if (grid.state !== 'given') return;
  const candidates = gridSize(grid.value, flow);
  const folds = foldCount(call, flow);
  if (candidates === null || folds === null) return;
  const fits = candidates * folds;
  if (fits < Number(context.options.fits)) return context.pass(call.callee);
  context.fail(call.callee, {
    data: { fits, candidates, folds },
    fixes: halvingFix(call, module, flow),
  });
}

/** Combinations of a grid; null where one of its lists cannot be counted. */
function gridSize(expr: Expr, flow: Flow, depth = 0): number | null {
  if (depth > 3) return null;
  if (expr.kind === 'call' && flow.names(expr).includes('builtins.dict')) {
    if (expr.args.some((argument) => argument.name === null)) return null;
    return product(expr.args.map((argument) => valueCount(argument.value, flow)));
  }
  if (expr.kind === 'dict') return dictSize(expr, flow);
  if (expr.kind === 'sequence') return sum(expr.items.map((item) => gridSize(item, flow, depth + 1)));
  const values = flow.values(expr);
  const [only] = values;
  if (values.length !== 1 || !only) return null;
  if (only.kind === 'object' && only.origin && only.origin !== expr)
    return gridSize(only.origin, flow, depth + 1);
  if (only.kind !== 'display' || only.node.kind === 'comprehension' || isChanged(expr, flow)) return null;
  return gridSize(only.node, flow, depth + 1);
}

/** `grid["C"] = …` and `grid.update(…)` change what was written down. */
function isChanged(expr: Expr, flow: Flow): boolean {
  if (expr.kind !== 'name') return true;
  const { assigns, calls } = flow.moduleOf(expr);
  return (
    assigns.some((assign) =>
      assign.targets.some(
        (target) =>
          target.kind === 'index' && target.object.kind === 'name' && target.object.name === expr.name,
      ),
    ) ||
    calls.some(
      ({ callee }) =>
        callee.kind === 'member' &&
        ['update', 'append', 'pop', 'setdefault'].includes(callee.property) &&
        callee.object.kind === 'name' &&
        callee.object.name === expr.name,
    )
  );
}

function dictSize(dict: Dict, flow: Flow): number | null {
  if (dict.entries.some((entry) => entry.key === null)) return null;
  return product(dict.entries.map((entry) => valueCount(entry.value, flow)));
}

/** How many values a parameter takes: a list, `range`, `np.linspace`, `np.logspace`, `np.arange`. */
function valueCount(expr: Expr, flow: Flow, depth = 0): number | null {
  if (expr.kind === 'sequence')
    return expr.items.some((item) => item.kind === 'spread') ? null : expr.items.length;
  if (expr.kind === 'comprehension') {
    const [clause] = expr.clauses;
    return expr.clauses.length === 1 && clause && clause.conditions.length === 0
      ? valueCount(clause.iterable, flow, depth + 1)
      : null;
  }
  if (depth > 4) return null;
  if (expr.kind !== 'call') {
    const values = flow.values(expr);
    const [only] = values;
    if (values.length !== 1 || !only || isChanged(expr, flow)) return null;
    if (only.kind === 'display' && only.node.kind !== 'dict') return valueCount(only.node, flow, depth + 1);
    return only.kind === 'object' && only.origin ? valueCount(only.origin, flow, depth + 1) : null;
  }
  const names = flow.names(expr);
  const number = (at: number) => {
    const value =
      expr.args[at] && expr.args[at].name === null ? flow.constant(expr.args[at].value) : undefined;
    return typeof value === 'number' ? value : null;
  };
  if (names.some((name) => /^builtins\.(?:list|tuple|sorted|set)$|^numpy\.array$/.test(name)))
    return expr.args[0] ? valueCount(expr.args[0].value, flow, depth + 1) : null;
  if (names.some((name) => /^numpy\.(?:linspace|logspace|geomspace)$/.test(name))) {
    const count = flow.argument(expr, 'num', 2);
    if (count.state !== 'given') return count.state === 'absent' ? 50 : null;
    const value = flow.constant(count.value);
    return typeof value === 'number' ? value : null;
  }
  if (!names.some((name) => name === 'builtins.range' || name === 'numpy.arange')) return null;
  const [start, stop, step] = [number(0), number(1), number(2)];
  if (start === null) return null;
  if (expr.args.length === 1) return Math.max(0, Math.ceil(start));
  if (stop === null || (expr.args.length > 2 && !step)) return null;
  return Math.max(0, Math.ceil((stop - start) / (step ?? 1)));
}

/** Folds of the cross-validation; null where they are not known. */
function foldCount(call: Call, flow: Flow): number | null {
  const cv = flow.argument(call, 'cv');
  if (cv.state === 'unknown') return null;
  if (cv.state === 'absent') return DEFAULT_FOLDS;
  const value = flow.constant(cv.value);
  if (value === null) return DEFAULT_FOLDS;
  if (typeof value === 'number') return value;
  const objects = flow.objects(cv.value);
  const origin = objects.length === 1 ? objects[0]?.origin : null;
  if (!origin) return null;
  const name = flow.names(origin).find((one) => one.startsWith('sklearn.model_selection.'));
  if (!name || !/(?:KFold|ShuffleSplit|TimeSeriesSplit)$/.test(name)) return null;
  const splits = flow.argument(origin, 'n_splits', 0);
  if (splits.state === 'absent') return /ShuffleSplit$/.test(name) ? 10 : DEFAULT_FOLDS;
  const count = splits.state === 'given' ? flow.constant(splits.value) : undefined;
  return typeof count === 'number' ? count : null;
}

function product(counts: readonly (number | null)[]): number | null {
  return counts.reduce((all, count) => (all === null || count === null ? null : all * count), 1);
}

function sum(counts: readonly (number | null)[]): number | null {
  return counts.reduce((all, count) => (all === null || count === null ? null : all + count), 0);
}

/** The same grid by successive halving: same arguments, an experimental import first. */
function halvingFix(call: Call, module: Module, flow: Flow): Fix[] {
  const { callee } = call;
  const positional = call.args.filter((argument) => argument.name === null);
  const isPlain =
    positional.length <= 2 &&
    call.args.every((argument) => !argument.spread && !(argument.name && GRID_ONLY.includes(argument.name)));
  const scoring = flow.argument(call, 'scoring');
  const manyScores =
    scoring.state === 'given' && (scoring.value.kind === 'dict' || scoring.value.kind === 'sequence');
  const cv = flow.argument(call, 'cv');
  const random =
    cv.state === 'given' &&
    flow.objects(cv.value).some((one) => one.types.some((type) => /Shuffle/.test(type)));
  if (!isPlain || manyScores || random) return [];
  const title = { en: 'Search by successive halving', fr: 'Chercher par élimination successive' };
  const enable = 'from sklearn.experimental import enable_halving_search_cv';
  if (callee.kind === 'member') {
    const place = { start: callee.propertyStart, end: callee.end };
    return [{ title, edits: () => [replace(place, 'HalvingGridSearchCV')], imports: [enable] }];
  }
  const from = module.imports.find(
    (one) => one.module === 'sklearn.model_selection' && one.parent === module.body,
  );
  const binding = from?.bindings.find(
    (one) => one.imported === 'GridSearchCV' && one.local === 'GridSearchCV',
  );
  if (!from || !binding || callee.kind !== 'name' || callee.name !== 'GridSearchCV') return [];
  // scikit-learn refuses the import of the search where the experimental one does not come first
  const others = descendants(module.body, 'name').filter((one) => one.name === callee.name && one !== callee);
  const names = others.length > 0 ? 'GridSearchCV, HalvingGridSearchCV' : 'HalvingGridSearchCV';
  const isEnabled = module.text.includes('enable_halving_search_cv');
  return [
    {
      title,
      edits: () => [
        ...(isEnabled ? [] : [insertBefore(module, from, [enable])]),
        ...(module.text.includes('HalvingGridSearchCV') ? [] : [replace(binding, names)]),
        replace(callee, 'HalvingGridSearchCV'),
      ],
    },
  ];
}

import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Dict, Expr, Loop, Module, Node } from '../../analysis/model.ts';
import { descendants, enclosingFunction, enclosingLoops, statementOf } from '../../analysis/tree.ts';
import { addArgument, indentUnit, insertAfter, insertBefore, replace, startsLine, textOf } from '../edits.ts';
import { trainingOf } from '../knowledge/trains.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { epochLoops, isRun, loopHead, loopVariable, trainingSites } from '../semantics/training.ts';

const SEARCHES = ['sklearn.model_selection.GridSearchCV'];

/** Places where Ray Tune is told how many trials to run, and may be told to stop bad ones. */
const RAY = ['ray.tune.run', 'ray.tune.TuneConfig'];
const RAY_REPORTS =
  /^ray\.(?:tune\.report|train\.report|air\.(?:session\.)?report|tune\.integration\.[\w.]*TuneReport\w*)$/;

/** Trials from which stopping bad ones early is worth a line. */
const MANY_TRIALS = 4;

/** Arguments that KerasTuner's GridSearch and Hyperband share. */
const HYPERBAND_TAKES =
  /^(?:hypermodel|objective|seed|hyperparameters|directory|project_name|overwrite|tune_new_entries|allow_new_entries)$/;

/** Folds of scikit-learn's searches where `cv` is left out. */
const DEFAULT_FOLDS = 5;

/** Combinations from which nested loops around a deep training are a search of their own: each trains for epochs. */
const MANY_DEEP = 12;
/** Networks in scikit-learn's clothes: each fit goes through epochs. */
const DEEP_ESTIMATORS = /^(?:scikeras\.|skorch\.|keras\.wrappers\.|tensorflow\.keras\.wrappers\.)/;

/** Loops that repeat a training or go over data, and choose no setting. */
const NO_SETTING =
  /fold|epoch|batch|step|seed|run|repeat|rep\b|trial|data|file|path|dir\b|model|clf|classifier|estimator|algo|method|user|client|round|task|lang|ticker|symbol|stock|city|region|countr|store|categor|class|label|target|column|\bcol\b|\bidx\b|train|test|split|subject|patient|channel|noise|^_$/i;

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
    source: {
      en: 'Timed by hand for this project: 54 candidates, grid 163 s, halving 43 s, ten random ones 37 s, scores within 0.4 points; bench/evidence runs the fix itself (below).',
      fr: 'Chronométré à la main pour ce projet : 54 candidats, grille 163 s, élimination successive 43 s, dix tirés au hasard 37 s, scores à 0,4 point près ; bench/evidence exécute la correction elle-même (ci-dessous).',
    },
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
  libraries: [
    'sklearn',
    'optuna',
    'keras_tuner',
    'kerastuner',
    'ray',
    'keras',
    'tensorflow',
    'torch',
    'xgboost',
    'lightgbm',
    'catboost',
  ],
  title: {
    en: 'Every candidate of a search is trained to the end',
    fr: 'Tous les candidats d’une recherche sont entraînés jusqu’au bout',
  },
  what: {
    en: 'A `GridSearchCV` whose grid, times its folds, asks for more trainings than `fits`. The grid is followed through variables; one that cannot be counted is left out. So do nested loops over written lists of settings around a training (12 combinations where it goes through epochs), `itertools.product` and `ParameterGrid`. Also KerasTuner’s `GridSearch`, Optuna trials that report each step and are never pruned, and Ray Tune without a scheduler.',
    fr: 'Un `GridSearchCV` dont la grille, multipliée par les plis, demande plus d’entraînements que `fits`. La grille est suivie à travers les variables ; celle qui ne peut être comptée est laissée de côté. De même des boucles imbriquées sur des listes écrites de réglages autour d’un entraînement (12 combinaisons s’il parcourt des epochs), `itertools.product` et `ParameterGrid`. De même le `GridSearch` de KerasTuner, les essais Optuna qui rendent compte de chaque pas sans jamais être élagués, et Ray Tune sans ordonnanceur.',
  },
  why: {
    en: 'A grid trains all combinations to the end, also the hopeless ones, and each value added multiplies the bill. For 54 combinations of a random forest the grid took 163 s, successive halving 43 s and ten random ones 37 s; the scores were 0.9774, 0.9768 and 0.9739 (measured on 2 vCPU). Halving trains more models, each on fewer rows: where one training is short it saves nothing, and of two runs measured below on 1,500 rows one cost a quarter more than the grid, with a score 1.5 % lower.',
    fr: 'Une grille entraîne toutes les combinaisons jusqu’au bout, même sans espoir, et chaque valeur ajoutée multiplie la facture. Pour 54 combinaisons d’une forêt aléatoire, la grille a pris 163 s, l’élimination successive 43 s et dix combinaisons au hasard 37 s ; scores : 0,9774, 0,9768 et 0,9739 (mesuré sur 2 vCPU). L’élimination successive entraîne davantage de modèles, chacun sur moins de lignes : quand un entraînement est court elle n’économise rien, et de deux mesures ci-dessous sur 1 500 lignes l’une a coûté un quart de plus que la grille, avec un score inférieur de 1,5 %.',
  },
  instead: {
    en: '`HalvingGridSearchCV` drops the worst candidates early on little data; `RandomizedSearchCV` and Optuna try a number that you choose. Where training reports as it goes, let a pruner (Optuna), a scheduler (Ray Tune’s ASHA) or Hyperband (KerasTuner) stop the bad ones. Ignore the rule where one training takes well under a second, and where the results of the whole grid are what you study.',
    fr: '`HalvingGridSearchCV` écarte tôt les pires candidats sur peu de données ; `RandomizedSearchCV` et Optuna en essaient le nombre que vous fixez. Quand l’entraînement rend compte au fil de l’eau, laissez un élagueur (Optuna), un ordonnanceur (ASHA de Ray Tune) ou Hyperband (KerasTuner) arrêter les mauvais. À ignorer si un entraînement dure bien moins d’une seconde, ou si l’étude porte sur la grille entière.',
  },
  messages: {
    default: {
      en: 'This search trains {fits} models: {candidates} combinations × {folds} folds, each to the end.',
      fr: 'Cette recherche entraîne {fits} modèles : {candidates} combinaisons × {folds} plis, chacune jusqu’au bout.',
    },
    nested: {
      en: 'These loops train {fits} models, one for each combination of settings, each to the end.',
      fr: 'Ces boucles entraînent {fits} modèles, un par combinaison de réglages, chacun jusqu’au bout.',
    },
    keras: {
      en: '`GridSearch` trains every combination to the end: Hyperband stops the bad ones early.',
      fr: '`GridSearch` entraîne chaque combinaison jusqu’au bout : Hyperband arrête tôt les mauvaises.',
    },
    optuna: {
      en: '`{call}` reports every step, but nothing asks `should_prune()`: every trial runs to the end.',
      fr: '`{call}` rend compte de chaque pas, mais rien n’appelle `should_prune()` : chaque essai va jusqu’au bout.',
    },
    unpruned: {
      en: '`NopPruner` lets every trial run to the end, though they report their steps.',
      fr: '`NopPruner` laisse chaque essai aller jusqu’au bout, alors qu’ils rendent compte de leurs pas.',
    },
    ray: {
      en: 'No scheduler: all {trials} trials run to the end, though they report their steps.',
      fr: 'Pas d’ordonnanceur : les {trials} essais vont jusqu’au bout, alors qu’ils rendent compte de leurs pas.',
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
  on: {
    calls: {
      names: [
        ...SEARCHES,
        ...RAY,
        'keras_tuner.GridSearch',
        'optuna.create_study',
        '?.report',
        'optuna.Trial.report',
        'optuna.trial.Trial.report',
      ],
      check(call, context) {
        const names = context.flow.names(call);
        if (names.some((name) => SEARCHES.includes(name))) check(call, context);
        else if (names.some((name) => RAY.includes(name))) checkRay(call, context);
        else if (names.includes('keras_tuner.GridSearch')) checkKeras(call, context);
        else if (names.includes('optuna.create_study')) checkStudy(call, context);
        else checkReport(call, context);
      },
    },
    module: checkLoops,
  },
  examples: {
    bad: [
      {
        code: 'from scikeras.wrappers import KerasClassifier\nfrom sklearn.model_selection import GridSearchCV\n\nmodel = KerasClassifier(build, epochs=50, batch_size=10)\ngrid = GridSearchCV(estimator=model, param_grid={"neurons": [16, 32, 64, 128], "layers": [1, 2]}, cv=3)\ngrid.fit(x, y)\n',
        fixed:
          'from scikeras.wrappers import KerasClassifier\nfrom sklearn.experimental import enable_halving_search_cv\nfrom sklearn.model_selection import HalvingGridSearchCV\n\nmodel = KerasClassifier(build, epochs=50, batch_size=10)\ngrid = HalvingGridSearchCV(estimator=model, param_grid={"neurons": [16, 32, 64, 128], "layers": [1, 2]}, cv=3)\ngrid.fit(x, y)\n',
        note: {
          en: 'A network in scikit-learn’s clothes: 24 trainings of 50 epochs.',
          fr: 'Un réseau habillé en scikit-learn : 24 entraînements de 50 époques.',
        },
      },
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
      {
        code: 'import optuna\nfrom model import build, evaluate, train_epoch\n\ndef objective(trial):\n    model = build(trial.suggest_float("lr", 1e-5, 1e-1, log=True))\n    for epoch in range(30):\n        train_epoch(model)\n        accuracy = evaluate(model)\n        trial.report(accuracy, epoch)\n    return accuracy\n\nstudy = optuna.create_study(direction="maximize")\nstudy.optimize(objective, n_trials=100)\n',
        fixed:
          'import optuna\nfrom model import build, evaluate, train_epoch\n\ndef objective(trial):\n    model = build(trial.suggest_float("lr", 1e-5, 1e-1, log=True))\n    for epoch in range(30):\n        train_epoch(model)\n        accuracy = evaluate(model)\n        trial.report(accuracy, epoch)\n        if trial.should_prune():\n            raise optuna.TrialPruned()\n    return accuracy\n\nstudy = optuna.create_study(direction="maximize")\nstudy.optimize(objective, n_trials=100)\n',
      },
      {
        code: 'from ray import tune\nfrom model import build, evaluate, train_epoch\n\ndef trainable(config):\n    model = build(config)\n    for epoch in range(20):\n        train_epoch(model)\n        tune.report({"accuracy": evaluate(model)})\n\ntuner = tune.Tuner(\n    trainable,\n    param_space={"lr": tune.loguniform(1e-4, 1e-1)},\n    tune_config=tune.TuneConfig(metric="accuracy", mode="max", num_samples=50),\n)\ntuner.fit()\n',
        fixed:
          'from ray import tune\nfrom model import build, evaluate, train_epoch\nfrom ray.tune.schedulers import ASHAScheduler\n\ndef trainable(config):\n    model = build(config)\n    for epoch in range(20):\n        train_epoch(model)\n        tune.report({"accuracy": evaluate(model)})\n\ntuner = tune.Tuner(\n    trainable,\n    param_space={"lr": tune.loguniform(1e-4, 1e-1)},\n    tune_config=tune.TuneConfig(metric="accuracy", mode="max", num_samples=50, scheduler=ASHAScheduler()),\n)\ntuner.fit()\n',
      },
      {
        code: 'import keras_tuner as kt\nfrom model import build\n\ntuner = kt.GridSearch(build, objective="val_accuracy", directory="tuning")\ntuner.search(x, y, epochs=50, validation_split=0.2)\n',
        fixed:
          'import keras_tuner as kt\nfrom model import build\n\ntuner = kt.Hyperband(build, objective="val_accuracy", directory="tuning")\ntuner.search(x, y, epochs=50, validation_split=0.2)\n',
      },
      {
        code: 'from sklearn.ensemble import GradientBoostingClassifier\nfrom sklearn.model_selection import GridSearchCV\n\nDEFAULT_GRID = {"learning_rate": [0.01, 0.05, 0.1], "max_depth": [2, 3, 5], "subsample": [0.6, 0.8, 1.0]}\n\ndef tune(x, y, grid=None, folds=5):\n    if grid is None:\n        grid = DEFAULT_GRID\n    search = GridSearchCV(GradientBoostingClassifier(), grid, cv=folds)\n    return search.fit(x, y).best_estimator_\n',
        fixed:
          'from sklearn.ensemble import GradientBoostingClassifier\nfrom sklearn.experimental import enable_halving_search_cv\nfrom sklearn.model_selection import HalvingGridSearchCV\n\nDEFAULT_GRID = {"learning_rate": [0.01, 0.05, 0.1], "max_depth": [2, 3, 5], "subsample": [0.6, 0.8, 1.0]}\n\ndef tune(x, y, grid=None, folds=5):\n    if grid is None:\n        grid = DEFAULT_GRID\n    search = HalvingGridSearchCV(GradientBoostingClassifier(), grid, cv=folds)\n    return search.fit(x, y).best_estimator_\n',
      },
      {
        code: 'from tensorflow.keras import Sequential\nfrom tensorflow.keras.layers import Dense, Dropout\n\nUNITS = [32, 64, 128]\nbest = 0\nfor first in UNITS:\n    for second in UNITS:\n        for rate in (0.1, 0.3):\n            net = Sequential([Dense(first), Dropout(rate), Dense(second), Dense(1)])\n            net.compile("adam", "mse", metrics=["accuracy"])\n            net.fit(x, y, epochs=30, validation_data=(xv, yv))\n            best = max(best, net.evaluate(xv, yv)[1])\n',
      },
      {
        code: 'import itertools\nimport torch\nfrom net import Net, accuracy\n\nlearning_rates = [0.1, 0.01, 0.001, 0.0001]\nwidths = [64, 128, 256]\n\ndef fit(lr, width):\n    net = Net(width)\n    optimizer = torch.optim.SGD(net.parameters(), lr=lr)\n    for epoch in range(20):\n        for x, y in loader:\n            optimizer.zero_grad()\n            torch.nn.functional.cross_entropy(net(x), y).backward()\n            optimizer.step()\n    return accuracy(net)\n\nscores = {}\nfor lr, width in itertools.product(learning_rates, widths):\n    scores[lr, width] = fit(lr, width)\n',
      },
      {
        code: 'from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.model_selection import ParameterGrid\n\ngrid = {"n_estimators": [100, 200, 400, 800], "max_depth": [4, 6, 8, 10], "max_features": [0.2, 0.4, 0.6, 0.8]}\nfor params in ParameterGrid(grid):\n    forest = RandomForestClassifier(**params)\n    forest.fit(x, y)\n    print(params, forest.score(xv, yv))\n',
      },
      {
        code: 'import xgboost as xgb\nfrom sklearn.model_selection import ParameterGrid, cross_val_score\n\nbest = 0\nfor params in ParameterGrid({"max_depth": [3, 5, 7, 9], "eta": [0.01, 0.1, 0.3], "n_estimators": [100, 300]}):\n    best = max(best, cross_val_score(xgb.XGBClassifier(**params), x, y, cv=5).mean())\n',
        note: { en: '24 combinations, five folds each.', fr: '24 combinaisons, cinq plis chacune.' },
      },
    ],
    good: [
      {
        code: 'from tensorflow.keras import Sequential\nfrom tensorflow.keras.layers import Dense\n\nfor units in [32, 64, 128]:\n    for fold in range(5):\n        for seed in [1, 2, 3]:\n            net = Sequential([Dense(units), Dense(1)])\n            net.compile("adam", "mse")\n            net.fit(x[fold], y[fold], epochs=30)\n',
        note: {
          en: 'Three settings; folds and seeds repeat them.',
          fr: 'Trois réglages ; plis et graines les répètent.',
        },
      },
      {
        code: 'import random\nfrom itertools import product\nfrom tensorflow.keras import Sequential\nfrom tensorflow.keras.layers import Dense\n\ncombinations = list(product([32, 64, 128], [0.1, 0.01, 0.001], [8, 16]))\nfor units, rate, size in random.sample(combinations, 6):\n    net = Sequential([Dense(units), Dense(1)])\n    net.compile("adam", "mse")\n    net.fit(x, y, epochs=30, batch_size=size)\n',
        note: { en: 'A sample of the grid.', fr: 'Un échantillon de la grille.' },
      },
      {
        code: 'from sklearn.svm import SVC\n\nfor c in [0.1, 1, 10]:\n    for gamma in [0.01, 0.1, 1]:\n        print(c, gamma, SVC(C=c, gamma=gamma).fit(x, y).score(xv, yv))\n',
        note: { en: 'Nine short trainings.', fr: 'Neuf entraînements courts.' },
      },
      {
        code: 'import optuna\n\ndef objective(trial):\n    for epoch in range(30):\n        accuracy = run_epoch(trial.suggest_float("lr", 1e-5, 1e-1), epoch)\n        trial.report(accuracy, epoch)\n        if trial.should_prune():\n            raise optuna.TrialPruned()\n    return accuracy\n\nstudy = optuna.create_study(direction="maximize")\n',
        note: {
          en: 'create_study prunes by the median by default.',
          fr: 'create_study élague par la médiane par défaut.',
        },
      },
      {
        code: 'import optuna\nfrom sklearn.model_selection import cross_val_score\n\ndef objective(trial):\n    return cross_val_score(make(trial.suggest_int("depth", 2, 9)), x, y).mean()\n\noptuna.create_study(pruner=optuna.pruners.NopPruner()).optimize(objective, n_trials=50)\n',
        note: {
          en: 'Nothing is reported on the way, so nothing could be pruned.',
          fr: 'Rien n’est rapporté en route : rien à élaguer.',
        },
      },
      {
        code: 'from ray import tune\nfrom ray.tune.schedulers import ASHAScheduler\n\ndef trainable(config):\n    for epoch in range(20):\n        tune.report(loss=step(config))\n\ntune.run(trainable, num_samples=50, scheduler=ASHAScheduler(metric="loss", mode="min"))\n',
      },
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
  const estimator = flow.argument(call, 'estimator', 0);
  const isDeep =
    estimator.state === 'given' &&
    flow.objects(estimator.value).some(({ types }) => types.some((type) => DEEP_ESTIMATORS.test(type)));
  if (fits < (isDeep ? MANY_DEEP : Number(context.options.fits))) return context.pass(call.callee);
  context.fail(call.callee, {
    data: { fits, candidates, folds },
    fixes: halvingFix(call, module, flow),
  });
}

// ---------------------------------------------------------------------- nested loops

/** Loops over settings around a training, told once at the outermost. */
function checkLoops(module: Module, context: RuleContext): void {
  const { flow } = context;
  const told = new Set<Loop>();
  for (const { node, isDeep, folds = 1 } of trainedNodes(module, flow)) {
    const around = enclosingLoops(node).filter((loop) => loop.kind === 'for');
    const settings = around.filter(
      (loop) =>
        !NO_SETTING.test(loopVariable(loop)) && !epochLoops(module, flow).some((one) => one.loop === loop),
    );
    const outer = settings.at(-1);
    if (!outer || told.has(outer) || !isRun(node, flow)) continue;
    const counts = settings.map((loop) => (loop.kind === 'for' ? settingCount(loop.iterable, flow) : null));
    const candidates = product(counts.map((one) => one?.count ?? null));
    const dimensions = counts.reduce((all, one) => all + (one?.dimensions ?? 0), 0);
    if (candidates === null || dimensions < 2) continue;
    const fits = candidates * folds;
    if (fits < (isDeep ? MANY_DEEP : Number(context.options.fits))) continue;
    told.add(outer);
    context.fail(loopHead(outer), { message: 'nested', data: { fits } });
  }
}

/** What trains in the module, itself or through a local function, and whether it goes through epochs. */
function trainedNodes(
  module: Module,
  flow: Flow,
): readonly { readonly node: Node; readonly isDeep: boolean; readonly folds?: number }[] {
  const loops = epochLoops(module, flow).map(({ loop }) => ({ node: loop as Node, isDeep: true }));
  const calls = module.calls.flatMap((call) => {
    if (enclosingLoops(call).length === 0) return [];
    const names = flow.names(call);
    const training = trainingOf(names);
    if (training) return [{ node: call as Node, isDeep: training.deep }];
    if (names.some((name) => /^(?:sklearn|xgboost|lightgbm|catboost)\.[\w.]+\.fit$/.test(name)))
      return [{ node: call as Node, isDeep: false }];
    if (names.some((name) => /^sklearn\.model_selection\.cross_val(?:_score|idate)$/.test(name)))
      return [{ node: call as Node, isDeep: false, folds: foldCount(call, flow) ?? 1 }];
    const runs = flow
      .targets(call)
      .flatMap((target) =>
        trainingSites(flow.moduleOf(target), flow).filter(({ node }) => enclosingFunction(node) === target),
      );
    return runs.length > 0
      ? [{ node: call as Node, isDeep: runs.some(({ api }) => api === null || api.deep) }]
      : [];
  });
  return [...loops, ...calls];
}

interface Settings {
  readonly count: number;
  /** How many lists are combined. */
  readonly dimensions: number;
}

/** What a loop over written settings goes through: a list, `itertools.product` of lists, `ParameterGrid`. */
function settingCount(expr: Expr, flow: Flow): Settings | null {
  if (expr.kind === 'call') {
    const names = flow.names(expr);
    const [first] = expr.args;
    if (names.some((name) => /^builtins\.(?:enumerate|list|sorted)$|^tqdm\./.test(name)))
      return first ? settingCount(first.value, flow) : null;
    if (names.includes('itertools.product')) {
      if (expr.args.some(({ name, spread }) => name !== null || spread)) return null;
      const count = product(expr.args.map(({ value }) => valueCount(value, flow)));
      return count === null ? null : { count, dimensions: expr.args.length };
    }
    if (names.includes('sklearn.model_selection.ParameterGrid')) {
      const count = first ? gridSize(first.value, flow) : null;
      return count === null ? null : { count, dimensions: 2 };
    }
    if (names.includes('builtins.range')) return null; // a count of times, as a rule
  }
  const values = flow.values(expr);
  const [only] = values;
  if (values.length === 1 && only?.kind === 'object' && only.origin && only.origin !== expr)
    return settingCount(only.origin, flow);
  const count = valueCount(expr, flow);
  return count === null || count < 2 ? null : { count, dimensions: 1 };
}

/** KerasTuner's grid: its size stands in the model builder, and each combination is trained for all epochs. */
function checkKeras(call: Call, context: RuleContext): void {
  const { flow } = context;
  const limit = flow.argument(call, 'max_trials', 2);
  if (limit.state === 'unknown') return;
  if (limit.state === 'given') {
    const trials = flow.constant(limit.value);
    if (typeof trials !== 'number' || trials < MANY_TRIALS * 3) return;
  }
  const isAlike = call.args.every(
    ({ name, spread }, at) => !spread && (name ? HYPERBAND_TAKES.test(name) : at < 2),
  );
  const { callee } = call;
  const place = callee.kind === 'member' ? { start: callee.propertyStart, end: callee.end } : null;
  context.fail(callee, {
    message: 'keras',
    fixes:
      isAlike && place
        ? [
            {
              title: { en: 'Use Hyperband', fr: 'Utiliser Hyperband' },
              edits: () => [replace(place, 'Hyperband')],
            },
          ]
        : [],
  });
}

/** Whether some module around has this in its code. */
function mentions(module: Module, flow: Flow, property: string): boolean {
  return [...flow.related(module)].some((one) =>
    one.calls.some(({ callee }) => callee.kind === 'member' && callee.property === property),
  );
}

/** `trial.report(accuracy, epoch)` in a loop. */
function isTrialReport(call: Call, module: Module): boolean {
  const { callee } = call;
  if (callee.kind !== 'member' || callee.property !== 'report' || call.args.length !== 2) return false;
  const [value, step] = call.args;
  return (
    module.imports.some((one) => /^optuna(?:\.|$)/.test(one.module)) &&
    /trial/i.test(textOf(module, callee.object)) &&
    value?.spread === null &&
    step?.spread === null &&
    enclosingLoops(call).length > 0
  );
}

function checkReport(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (!isTrialReport(call, module)) return;
  if (mentions(module, flow, 'should_prune')) return context.pass(call.callee);
  const first = module.calls.find((one) => isTrialReport(one, module));
  if (first !== call || call.callee.kind !== 'member') return;
  const trial = textOf(module, call.callee.object);
  const statement = statementOf(call);
  const isPlain =
    statement.kind === 'expression' && statement.expression === call && startsLine(module, statement);
  context.fail(call.callee, {
    message: 'optuna',
    data: { call: textOf(module, call.callee) },
    fixes: isPlain
      ? [
          {
            title: { en: 'Prune the trials that do badly', fr: 'Élaguer les essais qui vont mal' },
            edits: () => [
              insertAfter(module, statement, [
                `if ${trial}.should_prune():`,
                `${indentUnit(module)}raise optuna.TrialPruned()`,
              ]),
            ],
            imports: ['import optuna'],
          },
        ]
      : [],
  });
}

function checkStudy(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const pruner = call.args.find(({ name }) => name === 'pruner');
  const isNone =
    pruner && flow.objects(pruner.value).some(({ types }) => types[0] === 'optuna.pruners.NopPruner');
  if (!pruner || !isNone) return;
  const reports = [...flow.related(module)].some((one) =>
    one.calls.some((other) => isTrialReport(other, one)),
  );
  if (reports) context.fail(pruner, { message: 'unpruned' });
}

function checkRay(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  const scheduler = flow.argument(call, 'scheduler');
  if (scheduler.state === 'given') return context.pass(call.callee);
  const samples = flow.argument(call, 'num_samples');
  if (scheduler.state === 'unknown' || samples.state !== 'given') return;
  const trials = flow.constant(samples.value);
  if (typeof trials !== 'number' || (trials >= 0 && trials < MANY_TRIALS)) return;
  const reports = [...flow.related(module)].some((one) =>
    one.calls.some(
      (other) => flow.names(other).some((name) => RAY_REPORTS.test(name)) && enclosingLoops(other).length > 0,
    ),
  );
  if (!reports) return;
  const isAimed = ['metric', 'mode'].every((name) => call.args.some((argument) => argument.name === name));
  const edit = isAimed ? addArgument(module, call, 'scheduler=ASHAScheduler()') : null;
  context.fail(call.callee, {
    message: 'ray',
    data: { trials: trials < 0 ? '∞' : trials },
    fixes: edit
      ? [
          {
            title: { en: 'Stop bad trials early (ASHA)', fr: 'Arrêter tôt les mauvais essais (ASHA)' },
            edits: () => [edit],
            imports: ['from ray.tune.schedulers import ASHAScheduler'],
          },
        ]
      : [],
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
  // `def search(param_grid=None)`: the default that takes None's place is what is searched, unless callers say more
  const values = flow
    .values(expr)
    .filter((value) => value.kind !== 'parameter' && (value.kind !== 'constant' || value.value !== null));
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
  const [byDefault, ...others] = flow
    .values(cv.value)
    .flatMap((one) => (one.kind === 'parameter' ? [] : [one.kind === 'constant' ? one.value : undefined]));
  if (typeof byDefault === 'number' && others.length === 0) return byDefault;
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

import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Dict, Expr, For, FunctionNode, Module, Node, Span } from '../../analysis/model.ts';
import { descendants, lastName } from '../../analysis/tree.ts';
import { textOf } from '../edits.ts';
import { defineRule, type RuleContext } from '../rule.ts';
import { loopHead } from '../semantics/training.ts';

export default defineRule({
  id: 'no-eco-criterion',
  phase: 'design',
  languages: ['python'],
  severity: 'hint',
  status: 'stable',
  fix: 'none',
  impact: {
    resource: 'measurement',
    band: 'medium',
    source: {
      en: 'Course: KPIs of sobriety; a model is judged by its performance in relation to its cost.',
      fr: 'Cours : indicateurs de sobriété ; un modèle se juge à sa performance rapportée à son coût.',
    },
  },
  references: {
    course: [
      'Phase d’analyse — Choisir des objectifs multi-critères : « Inclure un critère de sobriété énergétique ou de coût carbone dans les KPI du projet »',
      'Recommandations aux développeurs : « Évaluer la performance par rapport au coût énergétique »',
    ],
    rgesn: ['9.1'],
    links: ['https://arxiv.org/abs/1907.10597'],
  },
  libraries: ['sklearn', 'xgboost', 'lightgbm', 'catboost', 'keras', 'optuna', 'pandas'],
  title: {
    en: 'Models are compared by their score alone',
    fr: 'Des modèles sont comparés à leur seul score',
  },
  what: {
    en: 'A selection among models that records how good each is and nothing of what it costs: a loop over estimators or over values of a setting that trains and scores each, a table of models and their accuracies, an Optuna study or Keras tuner with one objective. Seconds, parameters, bytes, kWh, anything that measures cost, is enough to pass.',
    fr: 'Un choix entre des modèles qui note la qualité de chacun et rien de son coût : une boucle sur des estimateurs ou sur les valeurs d’un réglage qui entraîne et note chacun, un tableau de modèles et de leurs scores, une étude Optuna ou un tuner Keras à un seul objectif. Des secondes, des paramètres, des octets, des kWh : toute mesure d’un coût suffit.',
  },
  why: {
    en: 'The best score often comes from the heaviest candidate, by a margin that nobody would miss, and its cost returns at every prediction. What is not in the table cannot be weighed. “Green AI” (Schwartz et al., 2019) asks to report efficiency beside accuracy; the course asks for sobriety among the criteria.',
    fr: 'Le meilleur score vient souvent du candidat le plus lourd, avec un écart que personne ne remarquerait, et son coût revient à chaque prédiction. Ce qui n’est pas dans le tableau ne peut être pesé. « Green AI » (Schwartz et al., 2019) demande l’efficacité à côté de la précision ; le cours demande la sobriété parmi les critères.',
  },
  instead: {
    en: 'Note one cost beside the score: `time.perf_counter()` around `fit` and `predict`, `cross_validate` (which returns `fit_time` and `score_time`) instead of `cross_val_score`, the number of parameters, CodeCarbon’s kWh; two `directions` in Optuna. Then take the cheapest one within a tolerance of the best. Ignore the hint where all candidates cost the same.',
    fr: 'Notez un coût à côté du score : `time.perf_counter()` autour de `fit` et `predict`, `cross_validate` (qui rend `fit_time` et `score_time`) au lieu de `cross_val_score`, le nombre de paramètres, les kWh de CodeCarbon ; deux `directions` dans Optuna. Prenez ensuite le moins cher à une tolérance du meilleur. À ignorer si tous les candidats coûtent autant.',
  },
  messages: {
    default: {
      en: '{count} models are trained and scored here, and nothing records what each costs (time, size or energy).',
      fr: '{count} modèles sont entraînés et notés ici, et rien ne note ce que chacun coûte (temps, taille ou énergie).',
    },
    table: {
      en: 'This table compares {count} models by {metric} alone: add what each costs (time, size or energy).',
      fr: 'Ce tableau compare {count} modèles par {metric} seulement : ajoutez ce que chacun coûte (temps, taille ou énergie).',
    },
    sweep: {
      en: 'Each value of `{variable}` is trained and scored, and nothing records what it costs (time, size or energy).',
      fr: 'Chaque valeur de `{variable}` est entraînée et notée, et rien ne note ce qu’elle coûte (temps, taille ou énergie).',
    },
    study: {
      en: 'This search ranks its trials by one score: nothing weighs what a trial costs (time, size or energy).',
      fr: 'Cette recherche classe ses essais par un seul score : rien ne pèse ce que coûte un essai (temps, taille ou énergie).',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: 'from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.metrics import accuracy_score\nfrom sklearn.svm import SVC\n\nmodels = {"logistic": LogisticRegression(), "forest": RandomForestClassifier(500), "svm": SVC()}\nresults = {}\nfor name, model in models.items():\n    model.fit(x_train, y_train)\n    results[name] = accuracy_score(y_test, model.predict(x_test))\nprint(max(results, key=results.get))\n',
      },
      {
        code: 'from sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import cross_val_score\nfrom sklearn.naive_bayes import GaussianNB\nfrom sklearn.tree import DecisionTreeClassifier\n\nmodels = []\nmodels.append(("LR", LogisticRegression()))\nmodels.append(("NB", GaussianNB()))\nmodels.append(("CART", DecisionTreeClassifier()))\nnames, scores = [], []\nfor name, model in models:\n    scores.append(cross_val_score(model, x, y, cv=10, scoring="accuracy").mean())\n    names.append(name)\n',
      },
      {
        code: 'import pandas as pd\nfrom sklearn.svm import SVC\n\nsvc = SVC().fit(x, y)\nacc_svc = svc.score(x, y)\nboard = pd.DataFrame({\n    "Model": ["Support vectors", "Nearest neighbours", "Random forest"],\n    "Score": [acc_svc, acc_knn, acc_forest],\n})\nprint(board.sort_values(by="Score", ascending=False))\n',
      },
      {
        code: 'from sklearn.ensemble import RandomForestClassifier\n\naccuracies = []\nfor trees in range(50, 2000, 50):\n    forest = RandomForestClassifier(n_estimators=trees)\n    forest.fit(x_train, y_train)\n    accuracies.append(forest.score(x_test, y_test))\n',
      },
      {
        code: 'import optuna\nfrom sklearn.ensemble import RandomForestClassifier\nfrom sklearn.model_selection import cross_val_score\n\n\ndef objective(trial):\n    depth = trial.suggest_int("max_depth", 2, 32)\n    trees = trial.suggest_int("n_estimators", 50, 1000)\n    return cross_val_score(RandomForestClassifier(n_estimators=trees, max_depth=depth), x, y).mean()\n\n\nstudy = optuna.create_study(direction="maximize")\nstudy.optimize(objective, n_trials=100)\n',
      },
    ],
    good: [
      {
        code: 'import time\nfrom sklearn.ensemble import RandomForestClassifier\nfrom sklearn.linear_model import LogisticRegression\n\nfor model in [LogisticRegression(), RandomForestClassifier()]:\n    start = time.perf_counter()\n    model.fit(x_train, y_train)\n    print(model, model.score(x_test, y_test), time.perf_counter() - start)\n',
      },
      {
        code: 'from sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import cross_validate\nfrom sklearn.svm import SVC\n\nfor model in (LogisticRegression(), SVC()):\n    found = cross_validate(model, x, y)\n    print(found["test_score"].mean(), found["fit_time"].mean())\n',
      },
      {
        code: 'from sklearn.preprocessing import MinMaxScaler, StandardScaler\n\nfor scaler in [MinMaxScaler(), StandardScaler()]:\n    scaled = scaler.fit_transform(x)\n    print(scaled.mean())\n',
        note: { en: 'No models are compared.', fr: 'Ce ne sont pas des modèles.' },
      },
      {
        code: 'from sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import KFold\n\nscores = []\nfor train, test in KFold(5).split(x):\n    model = LogisticRegression().fit(x[train], y[train])\n    scores.append(model.score(x[test], y[test]))\n',
        note: { en: 'One model, five folds.', fr: 'Un seul modèle, cinq plis.' },
      },
      {
        code: 'import pandas as pd\n\nboard = pd.DataFrame({"Model": ["CNN", "LSTM", "GRU"], "Accuracy": [0.91, 0.89, 0.9], "Seconds": [31, 80, 64]})\n',
      },
      {
        code: 'import optuna\n\n\ndef objective(trial):\n    model = build(trial)\n    return score(model), model.count_params()\n\n\nstudy = optuna.create_study(directions=["maximize", "minimize"])\nstudy.optimize(objective, n_trials=50)\n',
      },
      {
        code: 'from sklearn.cluster import KMeans\n\ninertias = []\nfor k in range(1, 11):\n    inertias.append(KMeans(n_clusters=k).fit(x).inertia_)\n',
        note: { en: 'How many clusters, not which model.', fr: 'Combien de groupes, non quel modèle.' },
      },
      {
        code: 'from sklearn.neighbors import KNeighborsClassifier\n\naccuracies = []\nfor k in range(1, 40):\n    knn = KNeighborsClassifier(n_neighbors=k).fit(x_train, y_train)\n    accuracies.append(knn.score(x_test, y_test))\n',
        note: { en: 'Every value costs the same.', fr: 'Chaque valeur coûte autant.' },
      },
      {
        code: 'import pandas as pd\n\ncars = pd.DataFrame({"model": ["Clio", "Golf", "Yaris"], "price": [17000, 29000, 21000]})\n',
      },
    ],
  },
});

/** Words by which a program speaks of cost. */
const COST =
  /\btime\b|\btime\(|_time|Time|perf_counter|timeit|process_time|duration|elapsed|seconds|latency|runtime|speed|tracemalloc|psutil|memory|\bRAM\b|getsize|size_mb|model_size|file_size|count_params|numel\(|n_params|num_params|param_?count|parameters\(\)|flops|\bmacs\b|codecarbon|carbontracker|emission|energy|kwh|joule|carbon|\bcost\b(?!_)/;
const SCORES =
  /^(?:sklearn\.metrics\.(?!confusion_matrix|Confusion|plot_|roc_curve|classification_report)\w+|sklearn\.model_selection\.cross_(?:val_score|val_predict|validate)|sklearn\.\S+\.score|xgboost\.\S+\.score|lightgbm\.\S+\.score|keras\.\S+\.evaluate|\?\.(?:score|evaluate))$/;
const ESTIMATORS =
  /^(?:sklearn\.(?:linear_model|ensemble|svm|tree|neighbors|naive_bayes|neural_network|discriminant_analysis|gaussian_process|kernel_ridge)\.[A-Z]\w*|xgboost\.XGB\w+|lightgbm\.LGBM\w+|catboost\.CatBoost\w*)$/;

function check(module: Module, context: RuleContext): void {
  if (/\b(?:lazypredict|pycaret|codecarbon|mlflow\.autolog)\b/.test(module.text)) return;
  // one selection, one hint: the first tells it for the file
  const found = [
    ...module.loops.flatMap((loop) => (loop.kind === 'for' ? judgeLoop(loop, context) : [])),
    ...module.calls.flatMap((call) => [...judgeTable(call, context), ...judgeStudy(call, context)]),
  ].sort((a, b) => a.place.start - b.place.start);
  for (const { place, passes } of found) if (passes) context.pass(place);
  const first = found.find(({ passes }) => !passes);
  if (first) context.fail(first.place, { message: first.message, data: first.data });
}

interface Selection {
  readonly place: Span;
  readonly passes: boolean;
  readonly message: 'default' | 'table' | 'sweep' | 'study';
  readonly data: Readonly<Record<string, string | number>>;
}

// ------------------------------------------------------------------------------ loops

function judgeLoop(loop: For, { flow }: RuleContext): Selection[] {
  const reached = codeOf(loop.body, flow);
  const calls = reached.flatMap((node) => descendants(node, 'call'));
  const scores = calls.some((call) => flow.names(call).some((name) => SCORES.test(name)));
  if (!scores || !calls.some((call) => trains(call, flow))) return [];
  const count = modelsIn(loop.iterable, flow);
  const variable = count >= 2 ? null : sweptBy(loop, calls, flow);
  if (count < 2 && variable === null) return [];
  const passes = reached.some((node) => COST.test(textOf(flow.moduleOf(node), node)));
  return [
    {
      place: loopHead(loop),
      passes,
      message: variable === null ? 'default' : 'sweep',
      data: { count, variable: variable ?? '' },
    },
  ];
}

/** The loop's body and the bodies of local functions it calls. */
function codeOf(body: Node, flow: Flow): readonly Node[] {
  const found: Node[] = [body];
  const seen = new Set<FunctionNode>();
  for (const call of descendants(body, 'call')) {
    for (const target of flow.targets(call)) {
      if (seen.has(target) || seen.size > 8) continue;
      seen.add(target);
      found.push(target.body);
    }
  }
  return found;
}

function trains(call: Call, flow: Flow): boolean {
  const name = call.callee.kind === 'member' ? call.callee.property : '';
  if (name === 'fit' || name === 'train') return true;
  return flow.names(call).some((one) => /^sklearn\.model_selection\.cross_val/.test(one));
}

/** How many models the loop goes over: estimators in a list or dict, whatever wraps it. */
function modelsIn(expr: Expr, flow: Flow, depth = 0): number {
  if (depth > 4) return 0;
  if (expr.kind === 'call') {
    const { callee } = expr;
    if (callee.kind === 'member' && /^(?:items|values)$/.test(callee.property))
      return modelsIn(callee.object, flow, depth + 1);
    if (
      callee.kind === 'name' &&
      /^(?:enumerate|zip|tqdm|list|tuple|reversed|sorted|track)$/.test(callee.name)
    )
      return Math.max(0, ...expr.args.map(({ value }) => modelsIn(value, flow, depth + 1)));
    return 0;
  }
  const displays =
    expr.kind === 'sequence' || expr.kind === 'dict'
      ? [expr]
      : flow
          .values(expr)
          .flatMap((value) =>
            value.kind === 'display' && value.node.kind !== 'comprehension' ? [value.node] : [],
          );
  const written = Math.max(0, ...displays.map((display) => estimatorsIn(display, flow)));
  return written + (expr.kind === 'name' ? added(expr.name, flow.moduleOf(expr), flow) : 0);
}

function estimatorsIn(display: Node, flow: Flow): number {
  const items =
    display.kind === 'dict'
      ? display.entries.map(({ value }) => value)
      : display.kind === 'sequence'
        ? display.items
        : [];
  return items.filter((item) => holdsEstimator(item, flow)).length;
}

/** An estimator, its class, or a tuple or dict that holds one. */
function holdsEstimator(item: Expr, flow: Flow): boolean {
  const parts =
    item.kind === 'sequence'
      ? item.items
      : item.kind === 'dict'
        ? item.entries.map(({ value }) => value)
        : [item];
  return parts.some((part) =>
    flow
      .values(part)
      .some(
        (value) =>
          (value.kind === 'object' && value.types.some((type) => ESTIMATORS.test(type))) ||
          (value.kind === 'library' && ESTIMATORS.test(value.name)),
      ),
  );
}

/** `models.append(("LR", LogisticRegression()))`, `models["LR"] = …` */
function added(name: string, module: Module, flow: Flow): number {
  const appended = module.calls.filter(
    ({ callee, args }) =>
      callee.kind === 'member' &&
      callee.property === 'append' &&
      callee.object.kind === 'name' &&
      callee.object.name === name &&
      args[0] !== undefined &&
      holdsEstimator(args[0].value, flow),
  ).length;
  const assigned = module.assigns.filter(
    ({ targets, value }) =>
      value !== null &&
      targets.some(
        (target) => target.kind === 'index' && target.object.kind === 'name' && target.object.name === name,
      ) &&
      holdsEstimator(value, flow),
  ).length;
  return appended + assigned;
}

/** The loop's variable, where an estimator is built with it. */
function sweptBy(loop: For, calls: readonly Call[], flow: Flow): string | null {
  if (loop.target.kind !== 'name') return null;
  const { name } = loop.target;
  const iterable = loop.iterable;
  const counts = flow.iterations(loop) ?? 0;
  const isSettings =
    (iterable.kind === 'call' && /^(?:range|arange|linspace|logspace)$/.test(lastName(iterable.callee))) ||
    counts > 2;
  if (!isSettings || /seed|fold|state|epoch|^_$|run|trial|repeat/i.test(name)) return null;
  // neighbours or a penalty change the score, not the cost
  const built = calls.some(
    (call) =>
      flow.names(call).some((one) => ESTIMATORS.test(one)) &&
      call.args.some(
        ({ name: argument, value }) =>
          (argument === null
            ? flow.names(call).some((one) => /Forest|Boost|Trees|Bagging/.test(one))
            : SIZES.test(argument)) && descendants(value, 'name').some((one) => one.name === name),
      ),
  );
  return built ? name : null;
}

/** Settings that make a model larger or its training longer. */
const SIZES =
  /^(?:n_estimators|num_boost_round|iterations|max_depth|depth|max_iter|max_leaf_nodes|num_leaves|min_samples_\w+|hidden_layer_sizes|max_features|degree)$/;

// ----------------------------------------------------------------------------- tables

const MODEL_COLUMN =
  /^(?:models?|model[ _]names?|algorithms?|classifiers?|regressors?|estimators?|methods?)$/i;
const SCORE_COLUMN =
  /acc|score|f1|auc|roc|precision|recall|rmse|mse|mae|r2|r²|r\^2|error|log ?loss|mape|kappa|bleu|rouge/i;
const COST_COLUMN =
  /time|second|duration|latency|param|size|memory|energy|kwh|carbon|co2|emission|flop|speed|cost|fps|ms\b/i;

function judgeTable(call: Call, { flow, module }: RuleContext): Selection[] {
  if (!flow.names(call).includes('pandas.DataFrame')) return [];
  const data = flow.argument(call, 'data', 0);
  if (data.state !== 'given') return [];
  const dict = dictOf(flow, data.value);
  if (!dict) return [];
  const columns = dict.entries.flatMap(({ key, value }) => {
    const name = key ? flow.constant(key) : undefined;
    return typeof name === 'string' ? [{ name, value }] : [];
  });
  const models = columns.find(({ name }) => MODEL_COLUMN.test(name.trim()));
  const scored = columns.find(({ name }) => SCORE_COLUMN.test(name));
  if (!models || !scored || columns.length !== dict.entries.length) return [];
  const names = models.value.kind === 'sequence' ? models.value.items : [];
  const isNames = names.every((one) => typeof flow.constant(one) === 'string');
  // a table of results, in a file that knows models
  if (
    names.length < 2 ||
    !isNames ||
    !/\b(?:sklearn|keras|torch|xgboost|lightgbm|catboost)\b/.test(module.text)
  )
    return [];
  return [
    {
      place: call.callee,
      passes: columns.some(({ name }) => COST_COLUMN.test(name)),
      message: 'table',
      data: { count: names.length, metric: `\`${scored.name.trim()}\`` },
    },
  ];
}

function dictOf(flow: Flow, expr: Expr): Dict | null {
  if (expr.kind === 'dict') return expr;
  const [only, ...rest] = flow.values(expr);
  return rest.length === 0 && only?.kind === 'display' && only.node.kind === 'dict' ? only.node : null;
}

// ---------------------------------------------------------------------------- studies

function judgeStudy(call: Call, { flow, module }: RuleContext): Selection[] {
  const { callee } = call;
  if (callee.kind !== 'member' || callee.property !== 'optimize') return [];
  const study = flow.objects(callee.object).find(({ origin }) => origin !== null)?.origin;
  if (!study || !flow.names(study).includes('optuna.create_study')) return [];
  const objective = flow.argument(call, 'func', 0);
  const functions =
    objective.state === 'given'
      ? flow.values(objective.value).flatMap((value) => (value.kind === 'function' ? [value.function] : []))
      : [];
  const [fn] = functions;
  if (!fn) return [];
  const several = flow.argument(study, 'directions').state !== 'absent';
  const code = codeOf(fn.body, flow);
  const costs =
    several ||
    code.some(
      (node) =>
        COST.test(textOf(flow.moduleOf(node), node)) ||
        /set_user_attr/.test(textOf(flow.moduleOf(node), node)),
    ) ||
    /\.duration\b|timeout\s*=/.test(module.text);
  return [
    {
      place: { start: callee.propertyStart, end: callee.end },
      passes: costs,
      message: 'study',
      data: {},
    },
  ];
}

import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Flow } from '../../analysis/flow/types.ts';
import type {
  Call,
  Comprehension,
  Expr,
  For,
  FunctionNode,
  Index,
  Module,
  Name,
  Span,
} from '../../analysis/model.ts';
import { contains, descendants, enclosingFunction, enclosingLoops, lastName } from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { columnOf, isColumnwise, isElementWork } from '../semantics/element-work.ts';

/** What makes a table of a few rows: to walk over it costs nothing. */
const FEW_ROWS =
  /^(?:pandas\.\w+|\?)\.(?:head|tail|sample|nlargest|nsmallest|describe|value_counts|agg|aggregate|corr|groupby|pivot_table|crosstab|mode)$/;

/** numpy reductions that pandas has as methods of the whole table. */
const REDUCTIONS = /^(?:numpy\.(?:mean|sum|max|min|std|median|argmax|any|all)|builtins\.(?:sum|max|min))$/;

export default defineRule({
  id: 'row-iteration',
  phase: 'data',
  languages: ['python'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'medium',
    source: {
      en: 'Timed by hand for this project: iterrows 2167 ms, vectorised 0.2 ms for 100,000 rows; bench/evidence runs the fix itself (below).',
      fr: 'Chronométré à la main pour ce projet : iterrows 2167 ms, vectorisé 0,2 ms pour 100 000 lignes ; bench/evidence exécute la correction elle-même (ci-dessous).',
    },
  },
  references: {
    course: [
      "Phase d'entraînement — Optimiser les formats de données : « Compresser, normaliser et indexer les jeux de données »",
      "Phase de conception — Optimiser le pipeline d'apprentissage",
    ],
    links: ['https://pandas.pydata.org/docs/user_guide/enhancingperf.html'],
  },
  libraries: ['pandas'],
  title: { en: 'Table walked through row by row', fr: 'Table parcourue ligne par ligne' },
  what: {
    en: 'A loop over `iterrows()` or `itertuples()`, one over `range(len(df))` that takes rows by their number, or an `apply(…, axis=1)`, that only computes with the values of each row. Loops that read files, show things or run models per row are left out, and so are tables of a few rows.',
    fr: 'Une boucle sur `iterrows()` ou `itertuples()`, une autre sur `range(len(df))` qui prend les lignes par leur numéro, ou un `apply(…, axis=1)`, qui ne fait que calculer avec les valeurs de chaque ligne. Les boucles qui lisent des fichiers, affichent ou exécutent un modèle à chaque ligne sont exclues, de même que les tables de quelques lignes.',
  },
  why: {
    en: 'Each row becomes a Python object and each operation a Python call. For a sum of two columns of 100,000 rows `iterrows` took 2167 ms, `apply(axis=1)` 495 ms, `itertuples` 489 ms and the vectorised form 0.2 ms (measured on 2 vCPU).',
    fr: 'Chaque ligne devient un objet Python et chaque opération un appel Python. Pour la somme de deux colonnes de 100 000 lignes, `iterrows` a pris 2167 ms, `apply(axis=1)` 495 ms, `itertuples` 489 ms et la forme vectorisée 0,2 ms (mesuré sur 2 vCPU).',
  },
  instead: {
    en: 'Compute with whole columns: `df["a"] + df["b"]`, `np.where`, `np.select`, `Series.map`, `str` and `dt` methods, `groupby`. Ignore the rule for tables that stay small and where each row needs the result of the one before.',
    fr: 'Calculez sur des colonnes entières : `df["a"] + df["b"]`, `np.where`, `np.select`, `Series.map`, les méthodes `str` et `dt`, `groupby`. À ignorer pour les tables qui restent petites et quand une ligne dépend du résultat de la précédente.',
  },
  messages: {
    default: {
      en: '`{method}` goes through the table in Python, one row at a time; this can be computed on whole columns.',
      fr: '`{method}` parcourt la table en Python, ligne par ligne ; ce calcul peut se faire sur des colonnes entières.',
    },
  },
  on: {
    loops(loop, context) {
      if (loop.kind === 'for') {
        checkLoop(loop, loop.iterable, context);
        checkCount(loop, context);
      } else if (loop.kind === 'comprehension' && loop.clauses[0])
        checkLoop(loop, loop.clauses[0].iterable, context);
    },
    calls: { names: ['pandas.DataFrame.apply', '?.apply'], check: checkApply },
  },
  examples: {
    bad: [
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("orders.csv")\nfor index, row in df.iterrows():\n    df.at[index, "total"] = row["price"] * row["quantity"]\n',
        fixed:
          'import pandas as pd\n\ndf = pd.read_csv("orders.csv")\ndf["total"] = df["price"] * df["quantity"]\n',
      },
      {
        code: 'import pandas as pd\n\ntrain = pd.read_csv("houses.csv")\ntrain["rooms"] = train.apply(lambda r: r.bedrooms + r["bathrooms"], axis=1)\n',
        fixed:
          'import pandas as pd\n\ntrain = pd.read_csv("houses.csv")\ntrain["rooms"] = train.bedrooms + train["bathrooms"]\n',
      },
      {
        code: 'import pandas as pd\n\ndef band(row):\n    if row["age"] < 18:\n        return "child"\n    return "adult"\n\ndf = pd.read_csv("people.csv").dropna()\ndf["band"] = df.apply(band, axis=1)\n',
      },
      {
        code: 'import pandas as pd\n\ndef collect(df):\n    labels = {}\n    for row in df.itertuples():\n        labels[row.id] = int(row.label)\n    return labels\n\nlabels = collect(pd.read_csv("labels.csv"))\n',
      },
      {
        code: 'import pandas as pd\n\nhouses = pd.read_csv("houses.csv")\nfor i in range(len(houses)):\n    if houses.loc[i, "area"] > 0:\n        houses.loc[i, "rate"] = houses.loc[i, "price"] / houses.loc[i, "area"]\n',
        note: { en: 'Rows by their number.', fr: 'Des lignes par leur numéro.' },
      },
    ],
    good: [
      {
        code: 'import cv2\nimport pandas as pd\n\ndf = pd.read_csv("images.csv")\nimages = []\nfor _, row in df.iterrows():\n    images.append(cv2.imread(row["path"]))\n',
        note: { en: 'Reading the images is the work.', fr: 'Le travail est de lire les images.' },
      },
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("movies.csv")\nfor _, row in df.head(5).iterrows():\n    print(row["title"])\n',
        note: { en: 'Five rows, shown.', fr: 'Cinq lignes, affichées.' },
      },
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("prices.csv")\ndf["mean"] = df[["open", "close"]].mean(axis=1)\n',
      },
      {
        code: 'import numpy as np\nimport pandas as pd\n\nscores = np.random.rand(10, 3)\nbest = np.apply_along_axis(np.argmax, 1, scores)\ndf = pd.read_csv("x.csv")\ndf["y"] = df["x"].apply(lambda v: v + 1)\n',
        note: { en: 'A column, not rows.', fr: 'Une colonne, pas des lignes.' },
      },
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("reviews.csv")\ndf["score"] = df.apply(lambda row: sentiment(row["text"]), axis=1)\n',
        note: { en: 'What is called is unknown.', fr: 'La fonction appelée est inconnue.' },
      },
      {
        code: 'import pandas as pd\n\nwells = pd.read_csv("wells.csv")\nheights = dict(load_heights())\nwells["point"] = wells.apply(lambda row: f"POINT ({row[\'lon\']:.6f} {row[\'lat\']:.6f})", axis=1)\nwells["height"] = wells.apply(lambda row: heights.get((row["lat"], row["lon"])), axis=1)\n',
        note: {
          en: 'Numbers written out and pairs looked up: columns have no method for either.',
          fr: 'Des nombres mis en forme et des paires cherchées : les colonnes n’ont pas de méthode pour cela.',
        },
      },
      {
        code: 'import pandas as pd\n\nresults = pd.DataFrame(run_experiments())\nranking = results.copy()\nranking["flag"] = ranking.apply(lambda row: "over" if abs(row["gap"]) > 0.05 else "", axis=1)\n\nbest = pd.read_csv("pairs.csv").nlargest(10, "rate")[["first", "second"]]\nbest = best.reset_index(drop=True)\nlabels = [row["first"] + row["second"] for _, row in best.iterrows()]\n',
        note: { en: 'Results of experiments; ten rows.', fr: 'Des résultats d’expériences ; dix lignes.' },
      },
      {
        code: 'import pandas as pd\n\npairs = pd.read_csv("questions.csv")\npairs["shared"] = pairs.apply(lambda row: len(set(row["first"].split()) & set(row["second"].split())), axis=1)\n\ndef weights(ratings, user_id):\n    table = {}\n    mine = ratings[ratings["userId"] == user_id]\n    for _, row in mine.iterrows():\n        table[row["movieId"]] = row["rating"] - 2.5\n    return table\n\nprint(weights(pd.read_csv("ratings.csv"), 7))\n',
        note: {
          en: 'Words that two texts share; the few rows of one user.',
          fr: 'Les mots communs de deux textes ; les quelques lignes d’un utilisateur.',
        },
      },
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("stock.csv")\nlevel = 0.0\nfor row in df.itertuples():\n    level = 0.9 * level + 0.1 * row.close\n',
        note: { en: 'Each row needs the one before.', fr: 'Chaque ligne dépend de la précédente.' },
      },
      {
        code: 'import pandas as pd\n\nprices = pd.read_csv("prices.csv")\ngains = []\nfor i in range(1, len(prices)):\n    gains.append(prices.iloc[i]["close"] - prices.iloc[i - 1]["close"])\nfor i in range(len(prices)):\n    gains.append(prices.iloc[i - 1]["close"])\nfor i in range(len(prices)):\n    gains.append(forecast(prices.iloc[i]))\n',
        note: {
          en: 'From the row before, from the second row on, by a function that is not known.',
          fr: 'Depuis la ligne d’avant, à partir de la deuxième, par une fonction inconnue.',
        },
      },
    ],
  },
});

function checkLoop(loop: For | Comprehension, iterable: Expr, context: RuleContext): void {
  const { flow, module } = context;
  const call = rowsCall(iterable, flow);
  if (call?.callee.kind !== 'member') return;
  const table = call.callee.object;
  if (hasFewRows(table, flow) || isPartOfRound(table, loop)) return;
  if (loop.kind === 'for' && !isIndependent(loop, module)) return;
  if (!isElementWork(flow, loop.kind === 'for' ? loop.body : loop.element)) return;
  if (loop.kind === 'comprehension' && loop.clauses.length > 1) return;
  context.fail(methodSpan(call), {
    data: { method: call.callee.property },
    fixes: loop.kind === 'for' ? assignmentFix(loop, table, module) : [],
  });
}

/** `for i in range(len(df)): df.loc[i, "c"] = df.loc[i, "a"] * 2`: rows by their number, and each round only its own. */
function checkCount(loop: For, context: RuleContext): void {
  const { flow, module } = context;
  const table = countedTable(loop.iterable, flow);
  const row = loop.target.kind === 'name' ? loop.target.name : null;
  if (!table || !row || hasFewRows(table, flow) || isPartOfRound(table, loop)) return;
  const uses = descendants(loop.body, 'name').filter((one) => one.name === row);
  const places = uses.map(indexedBy);
  const cells = places.filter((place) => place && isCell(place, table));
  const [first] = cells;
  if (!first || places.includes(null) || !isIndependent(loop, module)) return;
  if (!isElementWork(flow, loop.body)) return;
  context.fail(
    { start: loop.iterable.start, end: loop.iterable.end },
    {
      data: { method: textOf(module, first).replace(/\s+/g, ' ').slice(0, 40) },
    },
  );
}

/** The table in `range(len(table))` and `range(table.shape[0])`. */
function countedTable(iterable: Expr, flow: Flow): Name | null {
  if (iterable.kind !== 'call' || !flow.names(iterable).includes('builtins.range')) return null;
  const stop = iterable.args.length === 2 ? iterable.args[1]?.value : iterable.args[0]?.value;
  if (iterable.args.length > 2 || !stop) return null;
  const start = iterable.args.length === 2 && iterable.args[0] ? flow.constant(iterable.args[0].value) : 0;
  if (start !== 0) return null;
  let counted: Expr | undefined;
  if (stop.kind === 'call' && flow.names(stop).includes('builtins.len')) counted = stop.args[0]?.value;
  else if (stop.kind === 'index' && stop.object.kind === 'member' && stop.object.property === 'shape')
    counted = flow.constant(stop.index) === 0 ? stop.object.object : undefined;
  return counted?.kind === 'name' ? counted : null;
}

/** The expression that the number picks something out of, `x[i]` or `x[i, "a"]`; null where it does anything else. */
function indexedBy(use: Name): Index | null {
  const { parent } = use;
  if (parent?.kind === 'index') return parent.index === use ? parent : null;
  const outer = parent?.kind === 'sequence' && parent.items[0] === use ? parent.parent : null;
  return outer?.kind === 'index' && outer.index === parent ? outer : null;
}

/** `df.iloc[i]`, `df.loc[i, "a"]`, `df.at[i, "a"]`, `df["a"].iloc[i]`: pandas alone has these. */
function isCell({ object }: Index, table: Name): boolean {
  if (object.kind !== 'member' || !/^(?:i?loc|i?at)$/.test(object.property)) return false;
  const from =
    object.object.kind === 'index' || object.object.kind === 'member' ? object.object.object : object.object;
  return from.kind === 'name' && from.name === table.name;
}

/** `df.iterrows()`, also inside `tqdm(…)` and `enumerate(…)`. pandas alone has methods of these names. */
function rowsCall(iterable: Expr, flow: Flow): Call | null {
  if (iterable.kind !== 'call') return null;
  if (iterable.callee.kind === 'member' && ['iterrows', 'itertuples'].includes(iterable.callee.property)) {
    return flow.targets(iterable).length === 0 ? iterable : null;
  }
  const first = iterable.args[0];
  const isWrapper = flow.names(iterable).some((name) => /(?:^|\.)(?:enumerate|tqdm\w*)$/.test(name));
  return isWrapper && first && !first.spread ? rowsCall(first.value, flow) : null;
}

function hasFewRows(table: Expr, flow: Flow, depth = 0): boolean {
  if (table.kind === 'index') {
    if (table.index.kind === 'slice' || isOfOneKey(table.index, flow)) return true;
    if (table.object.kind === 'member' && table.object.property === 'iloc') return true;
    return hasFewRows(table.object, flow, depth);
  }
  if (table.kind === 'call') {
    if (flow.names(table).some((name) => FEW_ROWS.test(name))) return true;
    if (flow.names(table).includes('pandas.DataFrame')) return true; // written out, or made of results
    return table.callee.kind === 'member' && hasFewRows(table.callee.object, flow, depth);
  }
  if (table.kind !== 'name') return false;
  const bindings = reachingBindings(table, flow.moduleOf(table));
  if (
    depth < 4 &&
    bindings.some(
      ({ source, node }) =>
        source.from === 'expr' && !contains(node, table) && hasFewRows(source.expr, flow, depth + 1),
    )
  )
    return true;
  return flow.objects(table).some((object) => {
    const origin = object.origin;
    return (
      origin !== null && flow.names(origin).some((name) => FEW_ROWS.test(name) || name === 'pandas.DataFrame')
    );
  });
}

/** `ratings[ratings["userId"] == user]`: the rows of one of many. */
function isOfOneKey(mask: Expr, flow: Flow): boolean {
  if (mask.kind !== 'binary' || mask.operator !== '==') return false;
  const column = mask.left.kind === 'index' ? flow.constant(mask.left.index) : lastName(mask.left);
  return typeof column === 'string' && /(?:^id|_id|[a-z]Id|ID)$/.test(column);
}

/** A table made in each round of a loop around this one, such as one group's rows: few, and the outer loop is the cost. */
function isPartOfRound(table: Expr, loop: For | Comprehension): boolean {
  const outer = enclosingLoops(loop)[0];
  if (!outer || table.kind !== 'name') return false;
  const isTarget = (node: Expr) => descendants(node, 'name').some((one) => one.name === table.name);
  if (outer.kind === 'for' && isTarget(outer.target)) return true;
  return (
    outer.kind !== 'comprehension' &&
    descendants(outer.body, 'assign', true).some((assign) => assign.targets.some(isTarget))
  );
}

/** Whether the rounds do not feed one another: no name that a round reads is set by the one before, and none ends the loop. */
function isIndependent(loop: For, module: Module): boolean {
  if (descendants(loop.body, 'break', true).length > 0 || descendants(loop.body, 'return', true).length > 0)
    return false;
  if (descendants(loop.body, 'for', true).length > 0) return false; // nested data: no column operation
  for (const assign of descendants(loop.body, 'assign', true)) {
    for (const target of assign.targets) {
      if (target.kind !== 'name') continue;
      // a count or a sum is one call on a column; what else is carried from row to row is not
      if (assign.operator !== null) {
        if (assign.operator !== '+=') return false;
        continue;
      }
      const uses = descendants(loop.body, 'name', true).filter(
        (one) => one.name === target.name && one !== target,
      );
      if (uses.some((use) => use.start <= assign.end)) return false;
    }
  }
  return !/\bprint\b|display/.test(textOf(module, loop.body));
}

function methodSpan(call: Call): Span {
  return call.callee.kind === 'member'
    ? { start: call.callee.propertyStart, end: call.callee.end }
    : call.callee;
}

/** `for i, row in df.iterrows(): df.at[i, "c"] = f(row)` as one assignment of a column. */
function assignmentFix(loop: For, table: Expr, module: Module): Fix[] {
  const [statement, ...others] = loop.body.statements;
  if (others.length > 0 || statement?.kind !== 'assign' || statement.operator || !statement.value) return [];
  const [target, more] = statement.targets;
  if (more || target?.kind !== 'index' || target.index.kind !== 'sequence' || loop.orelse) return [];
  const [key, column] = target.index.items;
  if (target.object.kind !== 'member' || !['at', 'loc'].includes(target.object.property)) return [];
  if (loop.target.kind !== 'sequence' || table.kind !== 'name' || loop.iterable.kind !== 'call') return [];
  const [index, row] = loop.target.items;
  const isSame =
    target.object.object.kind === 'name' &&
    target.object.object.name === table.name &&
    index?.kind === 'name' &&
    key?.kind === 'name' &&
    key.name === index.name &&
    column?.kind === 'literal' &&
    row?.kind === 'name';
  if (!isSame || row?.kind !== 'name' || !isColumnwise(statement.value, row.name)) return [];
  const value = statement.value;
  return [
    {
      title: { en: 'Compute the whole column at once', fr: 'Calculer la colonne entière d’un coup' },
      edits: () => [
        replace(
          loop,
          `${table.name}[${textOf(module, column)}] = ${onTable(value, row.name, table.name, module)}`,
        ),
      ],
    },
  ];
}

/** The expression's text with the table in the row's place. */
function onTable(expr: Expr, row: string, table: string, module: Module): string {
  const columns = [...descendants(expr, 'member'), ...descendants(expr, 'index')].filter(
    (one) => columnOf(one, row) !== null,
  );
  let text = '';
  let from = expr.start;
  for (const column of columns.sort((a, b) => a.start - b.start)) {
    text += module.text.slice(from, column.start);
    text +=
      column.kind === 'index' ? `${table}[${textOf(module, column.index)}]` : `${table}.${column.property}`;
    from = column.end;
  }
  return text + module.text.slice(from, expr.end);
}

function checkApply(call: Call, context: RuleContext): void {
  const { flow, module } = context;
  if (call.callee.kind !== 'member' || !module.imports.some((one) => /^(?:pandas|modin)\b/.test(one.module)))
    return;
  const isTable = flow.names(call).includes('pandas.DataFrame.apply');
  const axis = call.args.find((argument) => argument.name === 'axis') ?? (isTable ? call.args[1] : undefined);
  if (!axis || (axis.name !== 'axis' && axis.name !== null)) return;
  const direction = flow.constant(axis.value);
  if (direction !== 1 && direction !== 'columns') return;
  const table = call.callee.object;
  const applied = call.args[0];
  if (
    !applied ||
    applied.spread ||
    (applied.name !== null && applied.name !== 'func') ||
    hasFewRows(table, flow)
  )
    return;
  const functions = flow.values(applied.value);
  const fn = functions.length === 1 && functions[0]?.kind === 'function' ? functions[0].function : null;
  const reduces = functions.some((value) => value.kind === 'library' && REDUCTIONS.test(value.name));
  if (!reduces && !(fn && usesColumnsSimply(fn, flow))) return;
  context.fail(methodSpan(call), {
    data: { method: 'apply(axis=1)' },
    fixes: fn ? lambdaFix(call, fn, table, module) : [],
  });
}

/** A function that takes single columns of its row and computes with them, without walking through what they hold. */
function usesColumnsSimply(fn: FunctionNode, flow: Flow): boolean {
  const row = fn.parameters[0]?.name;
  if (!row || fn.parameters.filter((one) => !one.defaultValue && !one.spread).length !== 1) return false;
  const uses = descendants(fn.body, 'name').filter(
    (one) => one.name === row && enclosingFunction(one) === fn,
  );
  const simple = uses.every((use) => {
    const parent = use.parent;
    return parent?.kind === 'member' || parent?.kind === 'index';
  });
  const walks = descendants(fn.body, 'for').length > 0 || descendants(fn.body, 'comprehension').length > 0;
  return uses.length > 0 && simple && !walks && isElementWork(flow, fn.body);
}

/** `df.apply(lambda r: r.a + r.b, axis=1)` -> `df.a + df.b`. */
function lambdaFix(call: Call, fn: FunctionNode, table: Expr, module: Module): Fix[] {
  const row = fn.parameters[0]?.name;
  const [only] = fn.body.statements;
  if (!fn.isLambda || table.kind !== 'name' || !row || only?.kind !== 'return' || !only.value) return [];
  const value = only.value;
  const isArgument = call.args[0]?.value === fn;
  if (!isArgument || call.args.length !== 2 || !isColumnwise(value, row)) return [];
  return [
    {
      title: { en: 'Compute with whole columns', fr: 'Calculer avec des colonnes entières' },
      edits: (): Edit[] => {
        const text = onTable(value, row, table.name, module);
        const isAlone = call.parent?.kind === 'assign' || call.parent?.kind === 'argument';
        return [replace(call, isAlone ? text : `(${text})`)];
      },
    },
  ];
}

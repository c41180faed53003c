import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module } from '../../analysis/model.ts';
import { enclosingFunction, lastName } from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { DEEP_TRAINING_NAMES, TRAINING_NAMES } from '../knowledge/trains.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { columnsUsed } from '../semantics/columns.ts';
import { slice } from '../semantics/slice.ts';
import { knownText, statedIn } from '../semantics/text.ts';

/** Methods that run a query given as their first argument. */
const RUNS_QUERY =
  /^(?:read_sql|read_sql_query|read_gbq|read_database|read_database_uri|sql|query|execute|executemany|all|each|raw|run|any|many|manyOrNone|\$queryRawUnsafe|unsafe|prepare)$/;
const FETCHES = /^(?:fetchall|fetchone|fetchmany|fetch_df|fetchdf|fetchnumpy|df|all|to_dataframe)$/;

const SELECT_STAR = /^\s*select\s+(?:all\s+|top\s*\(?\d+\)?\s+)?\*\s+from\b(?!\s*\()/i;
/** A glance at some rows, or one row by its key. */
const FEW_ROWS =
  /\blimit\s+(?:\d{1,3}\b|\?)|\btop\s*\(?\d{1,3}\)?\s|\bwhere\s+(?:1\s*=\s*0|false)\b|\bwhere\s+(?:\w+\.)?(?:rowid|id|\w+_id)\s*=|information_schema|sqlite_master/i;

/** What takes data to learn from. */
const LEARNS =
  /^(?:sklearn\.[\w.]+\.(?:fit|fit_transform|fit_predict|partial_fit)|sklearn\.model_selection\.train_test_split|(?:xgboost|lightgbm|catboost)\.[\w.]*(?:fit|train|DMatrix|Dataset|Pool)|keras\.[\w.]*\.fit|tfjs\.(?:\w+\.)?fit(?:Dataset)?|brain\.js\.\w+\.train|torch\.utils\.data\.TensorDataset|datasets\.Dataset\.from_pandas|prophet\.Prophet\.fit|statsmodels\.[\w.]+\.fit)$/;

export default defineRule({
  id: 'select-star',
  phase: 'data',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'network',
    band: 'medium',
    source: {
      en: 'pandas, User Guide, “Scaling to large datasets — Load less data”.',
      fr: 'pandas, guide de l’utilisateur, « Scaling to large datasets — Load less data ».',
    },
  },
  references: {
    course: [
      'Réduction des données',
      'Sobriété des données : « privilégier la qualité à la quantité, réduire la collecte massive »',
    ],
    links: ['https://pandas.pydata.org/docs/user_guide/scale.html#load-less-data'],
  },
  libraries: [
    'pandas',
    'sqlite3',
    'sqlalchemy',
    'psycopg',
    'pymysql',
    'mysql',
    'pyodbc',
    'duckdb',
    'pyspark',
    'bigquery',
    'polars',
    '@tensorflow/tfjs',
    'brain.js',
  ],
  title: { en: 'Every column queried for training', fr: 'Toutes les colonnes demandées pour l’entraînement' },
  what: {
    en: 'A `SELECT * FROM …` whose rows a model is trained on.',
    fr: 'Un `SELECT * FROM …` sur les lignes duquel un modèle est entraîné.',
  },
  why: {
    en: 'The database reads, sends and the program decodes every column, keys, dates and free text included, at each training run; and a column added to the table later joins in without anyone deciding so.',
    fr: 'La base lit et envoie, et le programme décode, chaque colonne, clés, dates et textes libres compris, à chaque entraînement ; et une colonne ajoutée plus tard à la table s’y joint sans que personne l’ait décidé.',
  },
  instead: {
    en: 'Name the features and the target in the query. Ignore the rule where the model really uses every column of a table made for it.',
    fr: 'Nommez dans la requête les variables et la cible. À ignorer si le modèle utilise vraiment toutes les colonnes d’une table faite pour lui.',
  },
  messages: {
    default: {
      en: '`SELECT *` feeds training here: name the columns that the model needs.',
      fr: '`SELECT *` alimente un entraînement : nommez les colonnes dont le modèle a besoin.',
    },
    columns: {
      en: '`SELECT *` feeds training here, which uses only {columns}.',
      fr: '`SELECT *` alimente un entraînement, qui n’utilise que {columns}.',
    },
  },
  on: {
    module(module, context) {
      const queries = module.calls.flatMap((call) => {
        const query = queryOf(context.flow, call);
        return query ? [{ call, ...query }] : [];
      });
      if (queries.length === 0) return;
      const learning = learningCalls(context.flow, module);
      if (learning.length === 0) return;
      const used = slice(
        context.flow,
        learning.flatMap((call) => call.args.map(({ value }) => value)),
        { stops: () => false, program: true },
      );
      for (const { call, query, text } of queries) {
        if (!isFetched(call, used, module)) continue;
        if (SELECT_STAR.test(text)) check(call, query, text, context);
        else if (/^\s*select\s+[\w"`[]/i.test(text)) context.pass(query);
      }
    },
  },
  examples: {
    bad: [
      {
        code: 'import sqlite3\nimport pandas as pd\nfrom sklearn.ensemble import RandomForestClassifier\n\nconnection = sqlite3.connect("clients.db")\ndf = pd.read_sql_query("SELECT * FROM clients", connection)\nX = df[["age", "income"]]\ny = df["churn"]\nmodel = RandomForestClassifier().fit(X, y)\n',
        fixed:
          'import sqlite3\nimport pandas as pd\nfrom sklearn.ensemble import RandomForestClassifier\n\nconnection = sqlite3.connect("clients.db")\ndf = pd.read_sql_query("SELECT age, income, churn FROM clients", connection)\nX = df[["age", "income"]]\ny = df["churn"]\nmodel = RandomForestClassifier().fit(X, y)\n',
      },
      {
        code: 'import pandas as pd\nfrom sklearn.model_selection import train_test_split\nfrom sqlalchemy import create_engine\n\nengine = create_engine("postgresql://localhost/shop")\nQUERY = """\n    SELECT *\n    FROM orders\n    WHERE year >= 2020\n"""\n\ndef load():\n    return pd.read_sql(QUERY, engine)\n\ndata = load()\ntrain, test = train_test_split(data, test_size=0.2)\n',
      },
      {
        code: 'import sqlite3\nimport numpy as np\nfrom sklearn.linear_model import LinearRegression\n\ncursor = sqlite3.connect("sensors.db").cursor()\ncursor.execute("select * from readings")\nrows = np.array(cursor.fetchall())\nLinearRegression().fit(rows[:, 1:-1], rows[:, -1])\n',
      },
      {
        file: 'train.ts',
        code: "import * as tf from '@tensorflow/tfjs-node';\nimport { pool } from './db';\n\nexport async function train(model: tf.Sequential) {\n  const { rows } = await pool.query('SELECT * FROM houses');\n  const xs = tf.tensor2d(rows.map((row) => [row.area, row.rooms]));\n  const ys = tf.tensor1d(rows.map((row) => row.price));\n  await model.fit(xs, ys, { epochs: 20 });\n}\n",
      },
    ],
    good: [
      {
        code: 'import pandas as pd\nfrom sklearn.linear_model import LogisticRegression\nfrom db import engine\n\nQUERY = "SELECT * FROM (SELECT age, income, churn FROM clients) AS known WHERE age > 17"\nrows = pd.read_sql(QUERY, engine)\nLogisticRegression().fit(rows.iloc[:, :2], rows.iloc[:, 2])\n',
        note: { en: 'The inner query names them.', fr: 'La requête intérieure les nomme.' },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.ensemble import RandomForestClassifier\nfrom db import engine\n\n\ndef prepare(frame):\n    return frame.select_dtypes(include="number").drop(columns=["churn"]), frame["churn"]\n\n\nx, y = prepare(pd.read_sql("SELECT * FROM customer_features", engine))\nRandomForestClassifier().fit(x, y)\n',
        note: { en: 'All columns of a type.', fr: 'Toutes les colonnes d’un type.' },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.linear_model import LogisticRegression\nfrom db import engine\n\ndf = pd.read_sql("SELECT age, income, churn FROM clients", engine)\nLogisticRegression().fit(df[["age", "income"]], df["churn"])\n',
      },
      {
        code: 'import pandas as pd\nimport streamlit as st\nfrom db import engine\n\ndf = pd.read_sql("SELECT * FROM clients", engine)\nst.dataframe(df)\n',
        note: { en: 'Shown, not learnt from.', fr: 'Affiché, pas appris.' },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.linear_model import LinearRegression\nfrom db import engine\n\nprint(pd.read_sql("SELECT * FROM sales LIMIT 5", engine))\ndf = pd.read_sql("SELECT week, amount FROM sales", engine)\nLinearRegression().fit(df[["week"]], df["amount"])\n',
        note: { en: 'A glance at five rows.', fr: 'Un coup d’œil à cinq lignes.' },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.linear_model import LinearRegression\nfrom db import engine\n\nusers = pd.read_sql("SELECT * FROM users", engine)\nprint(len(users))\ndf = pd.read_csv("weeks.csv")\nLinearRegression().fit(df[["week"]], df["amount"])\n',
        note: { en: 'Another table is trained on.', fr: 'L’entraînement porte sur une autre table.' },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.linear_model import LinearRegression\nfrom db import engine\n\ndf = pd.read_sql("SELECT COUNT(*) AS visits, day FROM visits GROUP BY day", engine)\nLinearRegression().fit(df[["day"]], df["visits"])\n',
      },
    ],
  },
});

/** The query's expression and its text, where the call runs one. */
function queryOf(flow: Flow, call: Call): { query: Expr; text: string } | null {
  const { callee } = call;
  const name = lastName(callee);
  const first = call.args.find(
    (argument) => argument.name === null || /^(?:sql|query)$/.test(argument.name ?? ''),
  );
  if (!RUNS_QUERY.test(name) || !first || first.spread) return null;
  const text = knownText(flow, first.value, '?');
  return /^\s*select\b/i.test(text) ? { query: first.value, text } : null;
}

const ML_NAMES = new Set([...TRAINING_NAMES, ...DEEP_TRAINING_NAMES]);

/** Calls of the programs around the module that learn from what they are given. */
function learningCalls(flow: Flow, module: Module): Call[] {
  return [...flow.related(module)].flatMap((one) =>
    one.calls.filter((call) => flow.names(call).some((name) => LEARNS.test(name) || ML_NAMES.has(name))),
  );
}

/** Whether the rows go into what is learnt from: the call itself, or what its cursor fetches. */
function isFetched(call: Call, used: ReadonlySet<Call>, module: Module): boolean {
  if (used.has(call)) return true;
  const { callee } = call;
  if (callee.kind !== 'member') return false;
  const cursor = textOf(module, callee.object);
  const later = module.calls.filter(
    (other) =>
      other.start > call.start &&
      enclosingFunction(other) === enclosingFunction(call) &&
      other.callee.kind === 'member' &&
      textOf(module, other.callee.object) === cursor,
  );
  const fetched = later.find(
    (other) => other.callee.kind === 'member' && FETCHES.test(other.callee.property),
  );
  const next = later.find(
    (other) => other.callee.kind === 'member' && other.callee.property === callee.property,
  );
  return fetched !== undefined && used.has(fetched) && (next === undefined || next.start > fetched.start);
}

function check(call: Call, query: Expr, text: string, context: RuleContext): void {
  if (FEW_ROWS.test(text)) return;
  const used = context.flow.names(call).some((name) => name.startsWith('pandas.'))
    ? columnsUsed(context.flow, call)
    : null;
  const columns = used?.columns ?? [];
  if (columns.length === 0) return takesTheRest(context) ? undefined : context.fail(call.callee);
  const shown = columns.slice(0, 4).map((one) => `\`${one}\``);
  context.fail(call.callee, {
    message: 'columns',
    data: { columns: shown.join(', ') + (columns.length > 4 ? ', …' : '') },
    fixes: fixes(query, columns, context.module),
  });
}

/** All columns but some, or all of one type: the program knows what it leaves out, not what it takes. */
function takesTheRest({ flow, module }: RuleContext): boolean {
  const texts = [...flow.related(module)].map((one) => statedIn(one));
  return (
    texts.some((text) => /\.select_dtypes\(|\.drop\(\s*(?:columns|labels|\[|['"\w]+[^)]*axis)/.test(text)) &&
    !texts.some((text) =>
      /\w\[\s*(?:\[\s*['"]|(?:self\.|\w+\.)?\w*(?:feature|col|FEATURE|COL)\w*\s*\])/.test(text),
    )
  );
}

/** `*` replaced by the names, where they are plain and the query is written in place. */
function fixes(query: Expr, columns: readonly string[], module: Module): readonly Fix[] {
  if (query.kind !== 'literal' || !columns.every((one) => /^[a-z_][a-z0-9_]*$/.test(one))) return [];
  const source = textOf(module, query);
  const star = /select\s+\*/i.exec(source);
  if (!star || (source.match(/select/gi) ?? []).length > 1 || /\bjoin\b/i.test(source)) return [];
  const at = query.start + star.index + star[0].length - 1;
  const edits: Edit[] = [replace({ start: at, end: at + 1 }, columns.join(', '))];
  return [
    {
      title: { en: 'Query these columns only', fr: 'Ne demander que ces colonnes' },
      edits: () => edits,
    },
  ];
}

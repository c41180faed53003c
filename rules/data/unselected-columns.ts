import { reachingBindings } from '../../analysis/flow/reaching.ts';
import type { Call, Module, Name } from '../../analysis/model.ts';
import { enclosingFunction } from '../../analysis/tree.ts';
import { addArgument, quoteIn, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { type ColumnUse, columnsUsed } from '../semantics/columns.ts';
import { fileName } from '../semantics/files.ts';

/** Readers of files that can leave columns out, and how. */
const READERS: Readonly<Record<string, 'usecols' | 'columns'>> = {
  'pandas.read_csv': 'usecols',
  'pandas.read_table': 'usecols',
  'pandas.read_excel': 'usecols',
  'pandas.read_parquet': 'columns',
  'pandas.read_feather': 'columns',
};

/** Arguments that make the columns, or the result, something else. */
const OTHERWISE = ['chunksize', 'iterator', 'names', 'header', 'converters', 'squeeze', 'sheet_name'];

/** Columns that a file often has alone, or beside such a one: a list of files, keys or labels, not a table. */
const LISTED =
  /^(?:.*id|.*names?|files?|f?names?|paths?|images?|urls?|words?|ngrams?|labels?|class(?:es)?|targets?)$/i;

/** Columns that stand beside others wherever they are: a price, a time, a text with its label, what was predicted. */
const PART =
  /^(?:open|high|low|(?:adj\.? ?)?close|volume|(?:.* )?price|(?:.*_)?(?:date|time|timestamp)|(?:.*_)?(?:text|sentence|review|comment|tweet|content|headline|title|description|summary)s?|pred.*|(?:.*_)(?:label|class)|prediction)$/i;

/** A half of a data set: inputs and targets. */
const SPLIT = /(?:^|[^a-z])(?:train|test|val|valid|validation|dev)(?:[^a-z]|$)/i;

export default defineRule({
  id: 'unselected-columns',
  phase: 'data',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'safe',
  impact: {
    resource: 'memory',
    band: 'medium',
    source: {
      en: 'pandas, User Guide, “Scaling to large datasets — Load less data”: usecols, columns.',
      fr: 'pandas, guide de l’utilisateur, « Scaling to large datasets — Load less data » : usecols, columns.',
    },
  },
  references: {
    course: [
      'Réduction des données',
      'Sobriété des données : « privilégier la qualité à la quantité, réduire la collecte massive »',
    ],
    links: ['https://pandas.pydata.org/docs/user_guide/scale.html#load-less-data'],
  },
  libraries: ['pandas'],
  title: { en: 'Columns read and never used', fr: 'Colonnes lues et jamais utilisées' },
  what: {
    en: 'A table is read whole, and all that the code can be seen to take from it is a known part of its columns: one column, or one list of them.',
    fr: 'Une table est lue en entier alors que le code n’en prend, visiblement, qu’une partie connue des colonnes : une seule, ou une liste.',
  },
  why: {
    en: 'Every value of every column is parsed and kept in memory, text columns most of all, before it is thrown away. Naming the columns when reading leaves the rest out; in Parquet they are not even read from the disk.',
    fr: 'Chaque valeur de chaque colonne est décodée et gardée en mémoire, surtout pour les colonnes de texte, avant d’être jetée. Nommer les colonnes à la lecture laisse le reste de côté ; en Parquet, elles ne sont même pas lues sur le disque.',
  },
  instead: {
    en: 'Add `usecols=[…]` (`columns=[…]` for Parquet and Feather). Ignore the rule for small files.',
    fr: 'Ajoutez `usecols=[…]` (`columns=[…]` pour Parquet et Feather). À ignorer pour de petits fichiers.',
  },
  messages: {
    default: {
      en: 'Only {columns} of this table is used: read just that.',
      fr: 'Seul(e) {columns} de cette table est utilisé(e) : ne lisez que cela.',
    },
    several: {
      en: 'Only {columns} of this table are used: read just those.',
      fr: 'Seuls {columns} de cette table sont utilisés : ne lisez que cela.',
    },
  },
  on: { calls: { names: Object.keys(READERS), check } },
  examples: {
    bad: [
      {
        code: 'import pandas as pd\n\nprices = pd.read_csv("AAPL.csv")\nprint(prices.head())\nclose = prices["Close"].values.reshape(-1, 1)\ntrain(close[:len(prices) - 60])\n',
        fixed:
          'import pandas as pd\n\nprices = pd.read_csv("AAPL.csv", usecols=["Close"])\nprint(prices.head())\nclose = prices["Close"].values.reshape(-1, 1)\ntrain(close[:len(prices) - 60])\n',
      },
      {
        code: "import pandas as pd\nfrom sklearn.cluster import KMeans\n\ncustomers = pd.read_csv('mall.csv')\nX = customers[['income', 'score']]\nKMeans(n_clusters=5).fit(X)\n",
        fixed:
          "import pandas as pd\nfrom sklearn.cluster import KMeans\n\ncustomers = pd.read_csv('mall.csv', usecols=['income', 'score'])\nX = customers[['income', 'score']]\nKMeans(n_clusters=5).fit(X)\n",
      },
      {
        code: 'import pandas as pd\n\ndef load(path):\n    df = pd.read_parquet(path)\n    df = df[["text", "label"]].dropna()\n    return df\n',
        fixed:
          'import pandas as pd\n\ndef load(path):\n    df = pd.read_parquet(path, columns=["text", "label"])\n    df = df[["text", "label"]].dropna()\n    return df\n',
      },
      {
        code: 'import pandas as pd\n\ncolumns = ["day", "carrier", "delay"]\nparts = []\nfor month in range(1, 13):\n    flights = pd.read_csv(f"flights_{month}.csv")\n    flights = flights[columns]\n    parts.append(flights)\nyear = pd.concat(parts)\n',
        fixed:
          'import pandas as pd\n\ncolumns = ["day", "carrier", "delay"]\nparts = []\nfor month in range(1, 13):\n    flights = pd.read_csv(f"flights_{month}.csv", usecols=columns)\n    flights = flights[columns]\n    parts.append(flights)\nyear = pd.concat(parts)\n',
        note: { en: 'The list has a name already.', fr: 'La liste a déjà un nom.' },
      },
      {
        code: 'import pandas as pd\n\nsentences = pd.read_csv("reviews.csv", index_col="id")["text"].tolist()\n',
        fixed:
          'import pandas as pd\n\nsentences = pd.read_csv("reviews.csv", index_col="id", usecols=["id", "text"])["text"].tolist()\n',
      },
    ],
    good: [
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("reviews.csv")\ntexts = df["text"]\nlabels = df["label"]\n',
        note: {
          en: 'Nothing shows that the file has other columns.',
          fr: 'Rien ne montre que le fichier a d’autres colonnes.',
        },
      },
      {
        code: 'import pandas as pd\n\nsalaries = pd.read_csv("salary.csv")\nX = salaries[["years"]]\ny = salaries["salary"]\n',
        note: {
          en: 'Features and target may be all there is.',
          fr: 'Variables et cible sont peut-être tout.',
        },
      },
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("titanic.csv")\nprint(df.describe())\nages = df["Age"]\n',
        note: { en: 'All columns are looked at.', fr: 'Toutes les colonnes sont examinées.' },
      },
      {
        code: 'import pandas as pd\nfrom features import build\n\ndf = pd.read_csv("titanic.csv")\nages = df["Age"].mean()\nbuild(df)\n',
        note: { en: 'Handed to unseen code.', fr: 'Passé à du code invisible.' },
      },
      {
        code: 'import pandas as pd\n\ndef class_weights(csv, classes):\n    table = pd.read_csv(csv)\n    counts = table["label"].value_counts()\n    return {name: len(table) / (classes * count) for name, count in counts.items()}\n',
        note: {
          en: 'The labels of pictures: their names are the only other column.',
          fr: 'Les étiquettes d’images : leurs noms sont la seule autre colonne.',
        },
      },
      {
        code: 'import json\nimport pandas as pd\n\ndef outline(path):\n    df = pd.read_csv(path, sep=";")\n    return json.loads(df.loc[0, "shape"])["coordinates"]\n',
        note: { en: 'One cell of a file of one row.', fr: 'Une cellule d’un fichier d’une ligne.' },
      },
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("prices.csv", usecols=["Date", "Close"])\nclose = df["Close"]\n',
      },
      {
        code: 'import pandas as pd\n\ncolumn = input("column? ")\ndf = pd.read_csv("prices.csv")\nprint(df[column].mean(), df["Close"].mean())\n',
        note: { en: 'One column is chosen at run time.', fr: 'Une colonne est choisie à l’exécution.' },
      },
      {
        code: 'import pandas as pd\n\nflights = pd.read_csv("flights.csv", index_col=0, parse_dates=True)\nprint(flights["passengers"].mean())\n',
        note: {
          en: 'A series: its index and its column are the whole file.',
          fr: 'Une série : son index et sa colonne sont tout le fichier.',
        },
      },
      {
        code: 'import pandas as pd\nfrom pictures import Pictures\n\nsigns = pd.read_csv("data/signs.csv")["sign"].tolist()[:10]\npictures = Pictures("pictures", signs)\n',
        note: { en: 'A list that a file holds.', fr: 'Une liste que contient un fichier.' },
      },
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("houses.csv")\ndf["rooms"] = 3\nX = df.drop(columns=["price"])\ny = df["price"]\n',
      },
    ],
  },
});

function check(call: Call, context: RuleContext): void {
  const { flow } = context;
  const reader = flow.names(call).find((name) => READERS[name]);
  const option = reader && READERS[reader];
  if (!option || call.args.some((argument) => argument.spread)) return;
  if (flow.argument(call, option).state === 'given') return context.pass(call.callee);
  if (OTHERWISE.some((name) => flow.argument(call, name).state !== 'absent')) return;
  const used = columnsUsed(flow, call);
  if (!used || used.columns.length === 0 || used.isOneCell) return;
  const { columns, selections } = used;
  // one list that holds all that is used was picked out of more; one column seldom is a whole file
  const isPart =
    (columns.length === 1 &&
      isPartOfMore(call, columns[0] ?? '', context) &&
      !isIndexedByPlace(call, flow)) ||
    selections.some((list) => list.length === columns.length && columns.every((one) => list.includes(one)));
  if (!isPart) return;
  const shown = columns.slice(0, 4).map((one) => `\`${one}\``);
  context.fail(call.callee, {
    ...(columns.length > 1 ? { message: 'several' } : {}),
    data: { columns: shown.join(', ') + (columns.length > 4 ? ', …' : '') },
    fixes: fixes(call, option, used, context),
  });
}

/** Whether something shows that the file has more than this one column, or a key beside it. */
function isPartOfMore(call: Call, column: string, { flow, module }: RuleContext): boolean {
  if (LISTED.test(column)) return false;
  const path = call.args[0]?.value;
  return (
    PART.test(column) || (path !== undefined && SPLIT.test(fileName(flow, path) ?? textOf(module, path)))
  );
}

/** `index_col=0`: the file's first column is used, whatever its name. */
function isIndexedByPlace(call: Call, flow: RuleContext['flow']): boolean {
  const index = flow.argument(call, 'index_col');
  return index.state === 'given' && typeof flow.constant(index.value) === 'number';
}

/** Whether the list that is selected by later is there already, in the same function, when the table is read. */
function isBoundAt(name: Name, call: Call, module: Module): boolean {
  const bindings = reachingBindings(name, module);
  return (
    enclosingFunction(name) === enclosingFunction(call) &&
    bindings.length === 1 &&
    bindings.every(({ node, source }) => node.end < call.start && source.from === 'expr')
  );
}

function fixes(
  call: Call,
  option: 'usecols' | 'columns',
  { columns, named }: ColumnUse,
  { flow, module }: RuleContext,
): readonly Fix[] {
  const all = new Set<string>();
  for (const name of ['index_col', 'parse_dates']) {
    const given = flow.argument(call, name);
    if (given.state === 'absent') continue;
    if (given.state === 'unknown') return [];
    const items = given.value.kind === 'sequence' ? given.value.items : [given.value];
    for (const item of items) {
      const constant = flow.constant(item);
      if (typeof constant === 'string') all.add(constant);
      else if (!(name === 'parse_dates' && typeof constant === 'boolean')) return [];
    }
  }
  for (const column of columns) all.add(column);
  if ([...all].some((one) => /["'\\\n{]/.test(one))) return [];
  const quote = textOf(module, call).includes("'") ? "'" : quoteIn(module);
  const list = [...all].map((one) => quote + one + quote).join(', ');
  const known = [...named].find(
    ([name, held]) =>
      held.length === all.size && held.every((one) => all.has(one)) && isBoundAt(name, call, module),
  );
  const edit = addArgument(module, call, `${option}=${known ? known[0].name : `[${list}]`}`);
  return edit
    ? [
        {
          title: {
            en: `Read ${all.size > 1 ? 'these columns' : 'this column'} only`,
            fr: all.size > 1 ? 'Ne lire que ces colonnes' : 'Ne lire que cette colonne',
          },
          edits: () => [edit],
        },
      ]
    : [];
}

import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module } from '../../analysis/model.ts';
import { ancestors } from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { memoizedWhole } from '../semantics/memo.ts';
import { slice } from '../semantics/slice.ts';
import { knownText } from '../semantics/text.ts';

interface Format {
  readonly writes: RegExp;
  readonly reads: RegExp;
  /** Where the writer's path stands: before the table, or after it. */
  readonly pathAt: number;
  readonly pathName: string;
  readonly to: 'parquet' | 'npy';
}

const FORMATS: readonly Format[] = [
  {
    writes: /^(?:pandas\.DataFrame|\?)\.to_csv$/,
    reads: /^pandas\.read_csv$/,
    pathAt: 0,
    pathName: 'path_or_buf',
    to: 'parquet',
  },
  {
    writes: /^(?:pandas\.DataFrame|\?)\.to_json$/,
    reads: /^pandas\.read_json$/,
    pathAt: 0,
    pathName: 'path_or_buf',
    to: 'parquet',
  },
  {
    writes: /^numpy\.savetxt$/,
    reads: /^numpy\.(?:loadtxt|genfromtxt)$/,
    pathAt: 0,
    pathName: 'fname',
    to: 'npy',
  },
];

/** Small tables, and files that people or other programs read too. */
const NOT_INTERMEDIATE =
  /submi|result|metric|histor|log\b|logs\b|report|summary|score|predict|output|emission|leaderboard|label|class|vocab|attendance|user|feedback|sample|stat|best|param|config|benchmark|eval|example|demo|export|\bmy_|\btoy|dummy/i;

export default defineRule({
  id: 'text-format-storage',
  phase: 'data',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'storage',
    band: 'medium',
    source: {
      en: 'pandas, User Guide, “Scaling to large datasets” and “IO tools — Performance considerations”.',
      fr: 'pandas, guide de l’utilisateur, « Scaling to large datasets » et « IO tools — Performance considerations ».',
    },
  },
  references: {
    course: ['Compresser les jeux de données', 'Sobriété des données'],
    links: ['https://pandas.pydata.org/docs/user_guide/io.html#performance-considerations'],
  },
  libraries: ['pandas', 'numpy'],
  title: { en: 'Intermediate table kept as text', fr: 'Table intermédiaire gardée en texte' },
  what: {
    en: 'A table that the program makes is written as CSV or JSON (or an array with `np.savetxt`), and the same workspace reads it back.',
    fr: 'Une table que le programme produit est écrite en CSV ou en JSON (ou un tableau avec `np.savetxt`), et le même espace de travail la relit.',
  },
  why: {
    en: 'Every number is printed as digits and parsed again at each reading, types are guessed anew, and the file is not compressed. A columnar binary format (Parquet) is compressed, keeps the types and lets a reader take single columns.',
    fr: 'Chaque nombre est écrit en chiffres puis décodé à chaque lecture, les types sont devinés à nouveau, et le fichier n’est pas compressé. Un format binaire en colonnes (Parquet) est compressé, garde les types et permet de ne lire que certaines colonnes.',
  },
  instead: {
    en: 'Write it with `to_parquet` and read it with `read_parquet` (`np.save` and `np.load` for arrays). Ignore the rule for small files and for files that people read or exchange.',
    fr: 'Écrivez-la avec `to_parquet` et relisez-la avec `read_parquet` (`np.save` et `np.load` pour des tableaux). À ignorer pour de petits fichiers et pour ceux qu’on lit ou qu’on échange.',
  },
  messages: {
    default: {
      en: '`{file}` is written here as text and read back by {reader}: keep it in a binary format.',
      fr: '`{file}` est écrit ici en texte et relu par {reader} : gardez-le dans un format binaire.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: 'import pandas as pd\n\ndef prepare():\n    raw = pd.read_csv("data/raw.csv")\n    clean = raw.dropna()\n    clean.to_csv("data/clean.csv", index=False)\n\ndef train():\n    df = pd.read_csv("data/clean.csv")\n    return df\n',
        fixed:
          'import pandas as pd\n\ndef prepare():\n    raw = pd.read_csv("data/raw.csv")\n    clean = raw.dropna()\n    clean.to_parquet("data/clean.parquet", index=False)\n\ndef train():\n    df = pd.read_parquet("data/clean.parquet")\n    return df\n',
      },
      {
        file: 'prepare.py',
        code: "import pandas as pd\n\nCLEAN = 'processed/tweets_clean.csv'\n\ndef prepare():\n    tweets = pd.read_csv('tweets.csv')\n    tweets['text'] = tweets['text'].str.lower()\n    tweets.to_csv(CLEAN)\n",
        files: {
          'train.py':
            'import pandas as pd\nfrom prepare import CLEAN, prepare\n\nprepare()\ndf = pd.read_csv(CLEAN, index_col=0)\nprint(df.shape)\n',
        },
      },
      {
        code: 'import numpy as np\n\nfeatures = np.random.rand(10000, 64)\nnp.savetxt("features.txt", features)\n\ndef load():\n    return np.loadtxt("features.txt")\n',
      },
    ],
    good: [
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("train.csv")\nsubmission = df[["id"]]\nsubmission.to_csv("submission.csv", index=False)\nprint(pd.read_csv("submission.csv").head())\n',
        note: { en: 'Asked for as CSV by others.', fr: 'Demandé en CSV par d’autres.' },
      },
      {
        code: 'import pandas as pd\n\nraw = pd.read_csv("data/raw.csv")\nraw.dropna().to_csv("data/clean.csv", index=False)\n',
        note: { en: 'Nobody here reads it back.', fr: 'Personne ici ne la relit.' },
      },
      {
        code: 'import pandas as pd\n\ndf = pd.read_csv("inventory.csv")\ndf.loc[0, "stock"] = 3\ndf.to_csv("inventory.csv", index=False)\n',
        note: {
          en: 'A file from elsewhere, updated in place.',
          fr: 'Un fichier venu d’ailleurs, mis à jour sur place.',
        },
      },
      {
        code: 'import pandas as pd\n\ntrain = pd.read_csv("input/train.csv")\ntrain.sample(100).to_csv("output/train.csv", index=False)\n',
        note: { en: 'Same name, another folder.', fr: 'Même nom, autre dossier.' },
      },
      {
        code: 'import pandas as pd\n\ndef prepare(df):\n    df.to_parquet("clean.parquet")\n\ndef load():\n    return pd.read_parquet("clean.parquet")\n',
      },
    ],
  },
});

interface Access {
  readonly module: Module;
  readonly call: Call;
  readonly path: Expr;
  readonly file: string;
}

const READS = /^(?:read_(?:csv|json)|loadtxt|genfromtxt)$/;
const WRITES = /^(?:to_(?:csv|json)|savetxt)$/;

/** Whether a method is of that name, or the callee has a name of its own: spares the rest the look-up. */
const mayBe = ({ callee }: Call, methods: RegExp): boolean =>
  callee.kind !== 'member' || methods.test(callee.property);

/** Every place of the workspace that reads a file of known path as text. */
const readers = memoizedWhole((flow): readonly (Access & { readonly format: Format })[] =>
  flow.modules.flatMap((module) =>
    module.language !== 'python'
      ? []
      : module.calls.flatMap((call) => {
          if (!mayBe(call, READS)) return [];
          const names = flow.names(call);
          const format = FORMATS.find(({ reads }) => names.some((name) => reads.test(name)));
          const path = format && call.args[0];
          if (!format || !path || path.spread || flow.argument(call, 'nrows').state !== 'absent') return [];
          const file = pathOf(flow, path.value);
          return file ? [{ module, call, path: path.value, file, format }] : [];
        }),
  ),
);

/** The path as far as the source shows it, with forward slashes; null where its file name is not known. */
function pathOf(flow: Flow, expr: Expr): string | null {
  const text =
    expr.kind === 'call' && expr.callee.kind === 'member' && expr.callee.property === 'join'
      ? expr.args.map(({ value }) => knownText(flow, value, '*')).join('/')
      : expr.kind === 'binary' && expr.operator === '/'
        ? `${pathOf(flow, expr.left) ?? '*'}/${knownText(flow, expr.right, '*')}`
        : knownText(flow, expr, '*');
  if (/\n/.test(text)) return null;
  const path = text
    .replaceAll('\\', '/')
    .replace(/^(?:\.{1,2}\/)+/, '')
    .replace(/\/+/g, '/');
  const name = path.split('/').at(-1) ?? '';
  return /^[^*%{}]+\.(?:csv|tsv|txt|json|jsonl|dat)$/i.test(name) ? path : null;
}

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  const reported = new Set<string>();
  for (const call of module.calls) {
    if (!mayBe(call, WRITES)) continue;
    const names = flow.names(call);
    const format = FORMATS.find(({ writes }) => names.some((name) => writes.test(name)));
    if (!format) continue;
    const given = flow.argument(call, format.pathName, format.pathAt);
    const file = given.state === 'given' ? pathOf(flow, given.value) : null;
    if (given.state !== 'given' || !file || reported.has(file)) continue;
    if (isMakeshift(call)) continue;
    if (NOT_INTERMEDIATE.test(file) || flow.argument(call, 'mode').state !== 'absent') continue;
    // without a header it is made for another program
    const header = flow.argument(call, 'header');
    if (format.to === 'parquet' && header.state === 'given' && flow.constant(header.value) !== true) continue;
    const own = readers(flow).filter(
      (one) => one.format === format && one.file === file && isNear(module, one.module),
    );
    const [first] = own;
    if (!first || isUpdate(flow, call, file, own)) continue;
    // another file of the same name may come from elsewhere
    if (!file.includes('/') && own.some((one) => one.module !== module) && !sharesFolder(module, own))
      continue;
    reported.add(file);
    const elsewhere = own.find((one) => one.module !== module);
    const reader = (elsewhere ?? first).module.path.split('/').at(-1) ?? '';
    context.fail(call.callee, {
      data: { file: file.split('/').at(-1) ?? file, reader: `\`${reader}\`` },
      fixes: fixes({ module, call, path: given.value, file }, own, format, context),
    });
  }
}

/** Written only where the real file is missing. */
function isMakeshift(call: Call): boolean {
  for (const parent of ancestors(call)) if (parent.kind === 'handler') return true;
  return false;
}

const folder = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** Whether two files belong to one project, as far as their folders tell. */
function isNear(a: Module, b: Module): boolean {
  if (a === b) return true;
  const [one, two] = [folder(a.path), folder(b.path)];
  return one === two || folder(one) === folder(two) || folder(one) === two || folder(two) === one;
}

function sharesFolder(module: Module, own: readonly Access[]): boolean {
  return own.every((one) => folder(one.module.path) === folder(module.path));
}

/** Whether what is written was read from the same file: it comes from elsewhere and is only brought up to date. */
function isUpdate(flow: Flow, call: Call, file: string, own: readonly Access[]): boolean {
  const table = call.callee.kind === 'member' ? [call.callee.object] : [];
  const sources = slice(flow, [...table, ...call.args.map(({ value }) => value)], {
    stops: () => false,
    program: true,
  });
  return own.some((one) => one.file === file && sources.has(one.call));
}

/** Both sides at once, where both name the file in place and nothing is particular to text. */
function fixes(
  writer: Access,
  own: readonly Access[],
  format: Format,
  { flow }: RuleContext,
): readonly Fix[] {
  if (format.to !== 'parquet' || !/\.csv$/i.test(writer.file)) return [];
  const all = [writer, ...own];
  const index = flow.argument(writer.call, 'index');
  const isPlain =
    index.state === 'given' &&
    flow.constant(index.value) === false &&
    writer.call.args.length === 2 &&
    own.every((one) => one.call.args.length === 1);
  const inPlace = all.every(
    ({ path, module }) => path.kind === 'literal' && /\.csv(?=["']$)/.test(textOf(module, path)),
  );
  if (!isPlain || !inPlace) return [];
  const edits = (): Edit[] =>
    all.flatMap(({ module, call, path }): Edit[] => {
      const { callee } = call;
      const place = callee.kind === 'member' ? { start: callee.propertyStart, end: callee.end } : callee;
      const name = call === writer.call ? 'to_parquet' : 'read_parquet';
      return [
        { ...replace(place, name), module },
        { ...replace(path, textOf(module, path).replace(/\.csv(?=["']$)/, '.parquet')), module },
      ];
    });
  if (own.some(({ call }) => call.callee.kind !== 'member')) return [];
  return [
    {
      title: { en: 'Keep it in Parquet, on both sides', fr: 'La garder en Parquet, des deux côtés' },
      edits,
      packages: ['pyarrow'],
    },
  ];
}

import type { Flow } from '../../analysis/flow/types.ts';
import type { Assign, Call, Expr, Module, Name } from '../../analysis/model.ts';
import { descendants, lastName } from '../../analysis/tree.ts';
import { insertAfter, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { usesOfBinding } from '../semantics/bindings.ts';
import { fileName } from '../semantics/files.ts';
import { memoizedWhole } from '../semantics/memo.ts';
import { slice } from '../semantics/slice.ts';

const READS = /^pandas\.(?:read_csv|read_table|read_excel|read_json|read_sql|read_sql_query|read_parquet)$/;

/** What turns text into numbers for a model to learn from. */
const TAKES_TEXT =
  /^(?:sklearn\.feature_extraction\.text\.\w*Vectorizer\.fit(?:_transform)?|keras\.preprocessing\.text\.Tokenizer\.(?:fit_on_texts|texts_to_sequences)|keras\.layers\.TextVectorization\.adapt)$/;
const SPLITS = /^sklearn\.model_selection\.train_test_split$/;
/** Words by which a program shows that it has thought of duplicates. */
const CONSIDERED = /drop_duplicates|duplicated\s*\(|dedup|duplicate|doublon|list\(set\(/i;

export default defineRule({
  id: 'undeduplicated-data',
  phase: 'data',
  languages: ['python'],
  severity: 'hint',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'low',
    source: {
      en: 'Lee et al., “Deduplicating Training Data Makes Language Models Better” (ACL 2022): fewer training steps for the same or better accuracy.',
      fr: 'Lee et al., « Deduplicating Training Data Makes Language Models Better » (ACL 2022) : moins d’étapes d’entraînement pour une précision égale ou meilleure.',
    },
  },
  references: {
    course: [
      'Nettoyer les doublons',
      'Sobriété des données : « privilégier la qualité à la quantité, réduire la collecte massive »',
    ],
    links: ['https://aclanthology.org/2022.acl-long.577/'],
  },
  libraries: ['pandas'],
  title: {
    en: 'Texts trained on without a look for duplicates',
    fr: 'Textes appris sans recherche de doublons',
  },
  what: {
    en: 'Texts read from a table go straight into a vectorizer or a tokenizer and a random split, and nothing in the program looks for duplicates.',
    fr: 'Des textes lus dans une table vont tout droit dans un vectoriseur et un découpage aléatoire, et rien dans le programme ne cherche de doublons.',
  },
  why: {
    en: 'Collected texts (reviews, messages, posts) repeat. Each copy is stored, vectorized and trained on again for nothing, and copies on both sides of a random split make the test score look better than it is. Lee et al. (ACL 2022) reach the same or better accuracy in fewer steps on deduplicated data.',
    fr: 'Les textes collectés (avis, messages, publications) se répètent. Chaque copie est stockée, vectorisée et apprise de nouveau pour rien, et des copies des deux côtés d’un découpage aléatoire embellissent le score de test. Lee et al. (ACL 2022) obtiennent une précision égale ou meilleure en moins de pas sur des données dédoublonnées.',
  },
  instead: {
    en: 'Call `drop_duplicates(subset=[…])` right after reading. Ignore the rule where the data is known to be clean.',
    fr: 'Appelez `drop_duplicates(subset=[…])` juste après la lecture. À ignorer si les données sont déjà propres.',
  },
  messages: {
    default: {
      en: 'Texts go from here into training: does `{table}` hold duplicates?',
      fr: 'Les textes vont d’ici à l’entraînement : `{table}` contient-elle des doublons ?',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: 'import pandas as pd\nfrom sklearn.feature_extraction.text import TfidfVectorizer\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import train_test_split\n\nreviews = pd.read_csv("reviews.csv")\nX_train, X_test, y_train, y_test = train_test_split(reviews["text"], reviews["label"], test_size=0.2)\nvectorizer = TfidfVectorizer()\nmodel = LogisticRegression().fit(vectorizer.fit_transform(X_train), y_train)\n',
        fixed:
          'import pandas as pd\nfrom sklearn.feature_extraction.text import TfidfVectorizer\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import train_test_split\n\nreviews = pd.read_csv("reviews.csv")\nreviews = reviews.drop_duplicates()\nX_train, X_test, y_train, y_test = train_test_split(reviews["text"], reviews["label"], test_size=0.2)\nvectorizer = TfidfVectorizer()\nmodel = LogisticRegression().fit(vectorizer.fit_transform(X_train), y_train)\n',
      },
      {
        code: 'import pandas as pd\nfrom sklearn.feature_extraction.text import CountVectorizer\nfrom sklearn.model_selection import train_test_split\nfrom sklearn.naive_bayes import MultinomialNB\n\ndef train(path):\n    df = pd.read_csv(path, encoding="latin-1")\n    df = df[["v1", "v2"]]\n    counts = CountVectorizer().fit_transform(df["v2"])\n    X, X_test, y, y_test = train_test_split(counts, df["v1"], random_state=0)\n    return MultinomialNB().fit(X, y)\n',
        fixed:
          'import pandas as pd\nfrom sklearn.feature_extraction.text import CountVectorizer\nfrom sklearn.model_selection import train_test_split\nfrom sklearn.naive_bayes import MultinomialNB\n\ndef train(path):\n    df = pd.read_csv(path, encoding="latin-1")\n    df = df.drop_duplicates()\n    df = df[["v1", "v2"]]\n    counts = CountVectorizer().fit_transform(df["v2"])\n    X, X_test, y, y_test = train_test_split(counts, df["v1"], random_state=0)\n    return MultinomialNB().fit(X, y)\n',
      },
      {
        code: 'import pandas as pd\nfrom sklearn.model_selection import train_test_split\nfrom tensorflow.keras.preprocessing.text import Tokenizer\nfrom model import build\n\ntweets = pd.read_csv("tweets.csv")\ntokenizer = Tokenizer(num_words=5000)\ntokenizer.fit_on_texts(tweets["tweet"])\nX = tokenizer.texts_to_sequences(tweets["tweet"])\nX_train, X_test, y_train, y_test = train_test_split(X, tweets["sentiment"])\nbuild().fit(X_train, y_train, epochs=5)\n',
        fixed:
          'import pandas as pd\nfrom sklearn.model_selection import train_test_split\nfrom tensorflow.keras.preprocessing.text import Tokenizer\nfrom model import build\n\ntweets = pd.read_csv("tweets.csv")\ntweets = tweets.drop_duplicates()\ntokenizer = Tokenizer(num_words=5000)\ntokenizer.fit_on_texts(tweets["tweet"])\nX = tokenizer.texts_to_sequences(tweets["tweet"])\nX_train, X_test, y_train, y_test = train_test_split(X, tweets["sentiment"])\nbuild().fit(X_train, y_train, epochs=5)\n',
      },
      {
        code: 'import pandas as pd\nfrom sklearn.feature_extraction.text import TfidfVectorizer\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.pipeline import make_pipeline\n\ntweets = pd.read_csv("scraped.csv")\nclf = make_pipeline(TfidfVectorizer(), LogisticRegression())\nclf.fit(tweets["text"], tweets["label"])\n',
        fixed:
          'import pandas as pd\nfrom sklearn.feature_extraction.text import TfidfVectorizer\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.pipeline import make_pipeline\n\ntweets = pd.read_csv("scraped.csv")\ntweets = tweets.drop_duplicates()\nclf = make_pipeline(TfidfVectorizer(), LogisticRegression())\nclf.fit(tweets["text"], tweets["label"])\n',
      },
    ],
    good: [
      {
        code: 'import pandas as pd\nfrom sklearn.feature_extraction.text import TfidfVectorizer\nfrom sklearn.model_selection import train_test_split\n\ndf = pd.read_csv("reviews.csv").drop_duplicates(subset=["text"])\ntrain, test = train_test_split(df)\nX = TfidfVectorizer().fit_transform(train["text"])\n',
      },
      {
        code: 'import pandas as pd\nfrom sklearn.ensemble import RandomForestClassifier\nfrom sklearn.model_selection import train_test_split\n\ndf = pd.read_csv("iris.csv")\nX_train, X_test, y_train, y_test = train_test_split(df.drop(columns=["species"]), df["species"])\nRandomForestClassifier().fit(X_train, y_train)\n',
        note: {
          en: 'Measurements, in which equal rows are no copies.',
          fr: 'Des mesures : des lignes égales ne sont pas des copies.',
        },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.feature_extraction.text import TfidfVectorizer\n\ndf = pd.read_csv("articles.csv")\nprint(df.duplicated().sum())\nX = TfidfVectorizer().fit_transform(df["body"])\n',
        note: { en: 'Duplicates are counted.', fr: 'Les doublons sont comptés.' },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.feature_extraction.text import TfidfVectorizer\n\nmovies = pd.read_csv("movies.csv")\nsimilar = TfidfVectorizer().fit_transform(movies["overview"])\n',
        note: {
          en: 'A search index: nothing is split or trained.',
          fr: 'Un index de recherche : ni découpage ni entraînement.',
        },
      },
      {
        code: 'from sklearn.datasets import fetch_20newsgroups\nfrom sklearn.feature_extraction.text import TfidfVectorizer\nfrom sklearn.model_selection import train_test_split\nimport pandas as pd\n\nnews = fetch_20newsgroups()\nX = TfidfVectorizer().fit_transform(news.data)\nX_train, X_test, y_train, y_test = train_test_split(X, news.target)\nprint(pd.Series(y_train).value_counts())\n',
        note: { en: 'A curated dataset.', fr: 'Un jeu de données soigné.' },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.feature_extraction.text import TfidfVectorizer\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import train_test_split\n\nwith open("replies.txt") as file:\n    lines = file.readlines()\nreplies = pd.read_csv("replies_labels.csv")\nX_train, X_test, y_train, y_test = train_test_split(lines[: len(replies)], replies["label"])\nLogisticRegression().fit(TfidfVectorizer().fit_transform(X_train), y_train)\n',
        note: {
          en: 'The labels alone: the texts are in a file of their own.',
          fr: 'Les étiquettes seules : les textes ont leur propre fichier.',
        },
      },
      {
        file: 'fit.py',
        code: 'import pandas as pd\nfrom sklearn.feature_extraction.text import TfidfVectorizer\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import train_test_split\n\nclauses = pd.read_csv("clauses.csv")\nX_train, X_test, y_train, y_test = train_test_split(clauses["text"], clauses["kind"])\nLogisticRegression().fit(TfidfVectorizer().fit_transform(X_train), y_train)\n',
        files: {
          'prepare.py':
            'import pandas as pd\n\nclauses = pd.DataFrame(read_contracts()).drop_duplicates()\nclauses.to_csv("clauses.csv", index=False)\n',
        },
        note: {
          en: 'The script that wrote the file dropped them.',
          fr: 'Le script qui a écrit le fichier les a supprimés.',
        },
      },
      {
        code: 'import pandas as pd\nfrom sklearn.model_selection import train_test_split\nfrom tensorflow import keras\nfrom keras.preprocessing.text import Tokenizer\n\ntweets = pd.read_csv("tweets.csv")\nknown, _, labels, _ = train_test_split(tweets["text"].values, tweets["label"].values, random_state=1)\ntokenizer = Tokenizer(num_words=5000)\ntokenizer.fit_on_texts(known)\nmodel = keras.models.load_model("classifier.keras")\nprint(model.predict(tokenizer.texts_to_sequences(["good news"])))\n',
        note: {
          en: 'The vocabulary is made again; nothing is trained.',
          fr: 'Le vocabulaire est refait ; rien n’est entraîné.',
        },
      },
    ],
  },
});

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  const reads = module.calls.filter((call) => flow.names(call).some((name) => READS.test(name)));
  if (reads.length === 0) return;
  const related = [...flow.related(module)].filter((one) => one.language === 'python');
  const calls = related.flatMap((one) => one.calls);
  const takers = calls.filter((call) => takesText(flow, call));
  const splits = calls.filter(
    (call) => flow.names(call).some((name) => SPLITS.test(name)) || fitsTexts(flow, call),
  );
  if (takers.length === 0 || splits.length === 0) return;
  if (!calls.some((call) => learns(flow, call))) return;
  const texts = sourcesOf(flow, takers);
  const halves = sourcesOf(flow, splits);
  const read = reads.find((call) => texts.has(call) && halves.has(call) && !readsLabels(flow, call));
  if (!read) return;
  if (related.some((one) => CONSIDERED.test(withoutComments(one)))) {
    if (related.some((one) => /drop_duplicates/.test(one.text))) context.pass(read.callee);
    return;
  }
  const path = read.args[0] ? fileName(flow, read.args[0].value) : null;
  if (path && writtenUnique(flow).has(path)) return context.pass(read.callee);
  const bound = boundTo(read);
  context.fail(read.callee, {
    data: { table: bound?.name.name ?? textOf(module, read.callee) },
    fixes: bound && isPlain(flow, bound) ? fixFor(module, bound) : [],
  });
}

/** Whether the file holds labels, by its name: the texts come from elsewhere. */
function readsLabels(flow: Flow, call: Call): boolean {
  const path = call.args[0] ? fileName(flow, call.args[0].value) : null;
  return path !== null && /(?:^|[^a-z])labels?(?:[^a-z]|$)/i.test(path);
}

/** Whether the call trains something, be it of a library unknown: what only prepares texts learns no model. */
function learns(flow: Flow, call: Call): boolean {
  if (/train(?:ing)?(?:_|$)(?!test)|^backward$/i.test(lastName(call.callee)))
    return !flow.names(call).some((name) => SPLITS.test(name));
  return (
    /^(?:fit(?:_generator|_predict)?|partial_fit|cross_val_score|cross_validate)$/.test(
      lastName(call.callee),
    ) &&
    !flow
      .names(call)
      .some((name) => /^sklearn\.(?:feature_extraction|preprocessing|decomposition)\./.test(name))
  );
}

/** Files that a script of the workspace writes after it looked at duplicates. */
const writtenUnique = memoizedWhole((flow): ReadonlySet<string> => {
  const files = new Set<string>();
  for (const module of flow.modules) {
    if (module.language !== 'python' || !/drop_duplicates/.test(module.text)) continue;
    for (const call of module.calls) {
      if (!/^to_(?:csv|parquet|json|excel|pickle|feather)$/.test(lastName(call.callee))) continue;
      const file = call.args[0] ? fileName(flow, call.args[0].value) : null;
      if (file) files.add(file);
    }
  }
  return files;
});

function takesText(flow: Flow, call: Call): boolean {
  return flow.names(call).some((name) => TAKES_TEXT.test(name)) || fitsTexts(flow, call);
}

/** `make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, labels)`. */
function fitsTexts(flow: Flow, call: Call): boolean {
  if (call.callee.kind !== 'member' || call.args.length < 2) return false;
  if (!flow.names(call).includes('sklearn.pipeline.Pipeline.fit')) return false;
  return flow
    .objects(call.callee.object)
    .some(
      ({ origin }) =>
        origin !== null &&
        descendants(origin, 'call').some((step) =>
          flow.names(step).some((name) => /^sklearn\.feature_extraction\.text\.\w+Vectorizer$/.test(name)),
        ),
    );
}

function sourcesOf(flow: Flow, calls: readonly Call[]): ReadonlySet<Call> {
  const roots: Expr[] = calls.flatMap((call) => call.args.map(({ value }) => value));
  return slice(flow, roots, { stops: () => false, program: true });
}

function withoutComments(module: Module): string {
  let text = '';
  let from = 0;
  for (const comment of module.comments) {
    text += module.text.slice(from, comment.start);
    from = comment.end;
  }
  return text + module.text.slice(from);
}

interface Bound {
  readonly name: Name;
  readonly assign: Assign;
}

function boundTo(read: Call): Bound | null {
  const assign = read.parent;
  if (assign?.kind !== 'assign' || assign.operator !== null || assign.targets.length !== 1) return null;
  const [name] = assign.targets;
  return name?.kind === 'name' ? { name, assign } : null;
}

/** Whether the table holds no lists, which cannot be compared, as far as its reader tells. */
function isPlain(flow: Flow, { name, assign }: Bound): boolean {
  const reader = assign.value?.kind === 'call' ? flow.names(assign.value) : [];
  return !reader.includes('pandas.read_json') && usesOfBinding(flow, name, assign).length > 0;
}

function fixFor(module: Module, { name, assign }: Bound): readonly Fix[] {
  if (!startsLine(module, assign)) return [];
  return [
    {
      title: { en: `Drop the duplicates of ${name.name}`, fr: `Supprimer les doublons de ${name.name}` },
      edits: () => [insertAfter(module, assign, [`${name.name} = ${name.name}.drop_duplicates()`])],
    },
  ];
}

import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Module } from '../../analysis/model.ts';
import { enclosingFunction, lastName, statementOf } from '../../analysis/tree.ts';
import { insertAfter, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { statedInProgram } from '../semantics/memo.ts';

export default defineRule({
  id: 'published-without-model-card',
  phase: 'operation',
  languages: ['python'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'measurement',
    band: 'low',
    source: {
      en: 'Course: a model card states the data, performance, limits and estimated carbon footprint.',
      fr: 'Cours : une fiche de modèle indique les données, la performance, les limites et l’empreinte carbone estimée.',
    },
  },
  references: {
    course: [
      'Phase d’exploitation — Documenter et expliciter : « Fournir une fiche Model Card (origine des données, performances, limites, empreinte carbone estimée) »',
    ],
    links: [
      'https://huggingface.co/docs/hub/model-cards-co2',
      'https://huggingface.co/docs/hub/model-cards',
      'https://arxiv.org/abs/1810.03993',
    ],
  },
  libraries: [
    'push_to_hub',
    'push_to_hf_hub',
    'push_to_hub_keras',
    'upload_folder',
    'upload_file',
    'ModelCardData',
  ],
  title: {
    en: 'A model published with no card that states its footprint',
    fr: 'Un modèle publié sans fiche qui indique son empreinte',
  },
  what: {
    en: 'A program that trains a model and pushes it to the Hugging Face Hub without writing a model card, or with a card that says nothing of emissions (the one that `Trainer` writes does not). Once per program. Private repositories, tokenizers and data sets are left alone.',
    fr: 'Un programme qui entraîne un modèle et le pousse sur le Hub de Hugging Face sans écrire de fiche (model card), ou avec une fiche muette sur les émissions (celle que `Trainer` écrit l’est). Une fois par programme. Dépôts privés, tokenizers et jeux de données ne sont pas visés.',
  },
  why: {
    en: 'Whoever finds the model decides by its card whether to use it, tune it or train another: without data, limits and cost, the safe choice is to train again. The Hub has a field for it, `co2_eq_emissions`, and the course asks for the estimated footprint on the card.',
    fr: 'Qui trouve le modèle décide d’après sa fiche de l’utiliser, de l’adapter ou d’en entraîner un autre : sans données, limites ni coût, le choix sûr est de tout réentraîner. Le Hub a un champ pour cela, `co2_eq_emissions`, et le cours demande l’empreinte estimée sur la fiche.',
  },
  instead: {
    en: 'Measure the training (CodeCarbon writes `emissions.csv`), and put the grams into the card: `metadata_update(repo_id, {"co2_eq_emissions": {"emissions": grams, "source": "CodeCarbon"}})`. Add data, scores and limits in words. Ignore the rule where the card is written by hand on the Hub.',
    fr: 'Mesurez l’entraînement (CodeCarbon écrit `emissions.csv`) et mettez les grammes dans la fiche : `metadata_update(repo_id, {"co2_eq_emissions": {"emissions": grammes, "source": "CodeCarbon"}})`. Ajoutez données, scores et limites en toutes lettres. À ignorer si la fiche est écrite à la main sur le Hub.',
  },
  messages: {
    default: {
      en: '`{call}` publishes a model with an empty card: nothing here states its data, its limits or what its training emitted.',
      fr: '`{call}` publie un modèle avec une fiche vide : rien n’indique ses données, ses limites ni ce que son entraînement a émis.',
    },
    trainer: {
      en: 'The card that `{call}` publishes lists scores and settings, not what the training emitted (`co2_eq_emissions`).',
      fr: 'La fiche que publie `{call}` donne scores et réglages, pas ce que l’entraînement a émis (`co2_eq_emissions`).',
    },
    card: {
      en: 'This model card says nothing of what the training emitted: `co2_eq_emissions` has a place for it.',
      fr: 'Cette fiche ne dit rien de ce que l’entraînement a émis : `co2_eq_emissions` est fait pour cela.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: 'from codecarbon import EmissionsTracker\nfrom transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments\n\nmodel = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\ntrainer = Trainer(model=model, args=TrainingArguments("out"), train_dataset=train)\nwith EmissionsTracker():\n    trainer.train()\nmodel.push_to_hub("jane/spam-distilbert")\n',
        fixed:
          'from codecarbon import EmissionsTracker\nfrom transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments\nimport csv\nfrom huggingface_hub import metadata_update\n\nmodel = AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")\ntrainer = Trainer(model=model, args=TrainingArguments("out"), train_dataset=train)\nwith EmissionsTracker():\n    trainer.train()\nmodel.push_to_hub("jane/spam-distilbert")\nwith open("emissions.csv") as measured:\n    grams = 1000 * sum(float(row["emissions"]) for row in csv.DictReader(measured))\nmetadata_update("jane/spam-distilbert", {"co2_eq_emissions": {"emissions": grams, "source": "CodeCarbon"}})\n',
      },
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments("spam-distilbert", num_train_epochs=3, push_to_hub=True)\ntrainer = Trainer(model=model, args=args, train_dataset=train)\ntrainer.train()\ntrainer.push_to_hub()\n',
        note: {
          en: 'The card that the Trainer writes has no emissions.',
          fr: 'La fiche écrite par le Trainer n’a pas d’émissions.',
        },
      },
      {
        code: 'from huggingface_hub import ModelCard, ModelCardData\nfrom transformers import Trainer\n\ntrainer = Trainer(model=model, train_dataset=train)\ntrainer.train()\nmodel.push_to_hub("jane/spam")\ndata = ModelCardData(language="en", license="mit", library_name="transformers")\nModelCard.from_template(data, model_id="jane/spam").push_to_hub("jane/spam")\n',
      },
      {
        code: 'import joblib\nimport pandas as pd\nfrom huggingface_hub import upload_file\nfrom sklearn.ensemble import RandomForestClassifier\n\nframe = pd.read_parquet("leaves.parquet")\nforest = RandomForestClassifier().fit(frame.drop(columns="kind"), frame.kind)\njoblib.dump(forest, "forest.joblib")\nupload_file(path_or_fileobj="forest.joblib", path_in_repo="forest.joblib", repo_id="me/leaves")\n',
        note: { en: 'Uploaded file by file.', fr: 'Téléversé fichier par fichier.' },
      },
    ],
    good: [
      {
        code: 'import pandas as pd\nfrom huggingface_hub import HfApi\nfrom sklearn.ensemble import RandomForestClassifier\n\nframe = pd.read_parquet("leaves.parquet")\nforest = RandomForestClassifier().fit(frame.drop(columns="kind"), frame.kind)\nHfApi().upload_file(path_or_fileobj="leaves.parquet", path_in_repo="leaves.parquet", repo_id="me/leaves", repo_type="dataset")\n',
        note: { en: 'Data, no model.', fr: 'Des données, pas un modèle.' },
      },
      {
        code: 'from huggingface_hub import ModelCard, ModelCardData\nfrom transformers import Trainer\n\ntrainer = Trainer(model=model, train_dataset=train)\ntrainer.train()\nmodel.push_to_hub("jane/spam")\ndata = ModelCardData(language="en", co2_eq_emissions={"emissions": 12.5, "source": "CodeCarbon"})\nModelCard.from_template(data, model_id="jane/spam").push_to_hub("jane/spam")\n',
      },
      {
        code: 'from datasets import load_dataset\n\nreviews = load_dataset("csv", data_files="reviews.csv")\nreviews.push_to_hub("jane/reviews")\n',
        note: { en: 'A data set.', fr: 'Un jeu de données.' },
      },
      {
        code: 'from transformers import AutoTokenizer, Trainer\n\ntokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")\ntrainer = Trainer(model=model, train_dataset=train)\ntrainer.train()\ntrainer.save_model("out")\ntokenizer.push_to_hub("jane/tokens")\n',
        note: { en: 'A tokenizer.', fr: 'Un tokenizer.' },
      },
      {
        code: 'from transformers import Trainer\n\ntrainer = Trainer(model=model, train_dataset=train)\ntrainer.train()\nmodel.push_to_hub("jane/spam", private=True)\n',
        note: { en: 'Nobody else sees it.', fr: 'Personne d’autre ne le voit.' },
      },
      {
        code: 'from transformers import Trainer, TrainingArguments\n\nargs = TrainingArguments("out", push_to_hub=False)\ntrainer = Trainer(model=model, args=args, train_dataset=train)\ntrainer.train()\n',
      },
      {
        code: 'from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained("jane/spam-old")\nmodel.push_to_hub("jane/spam-copy")\n',
        note: { en: 'A copy: nothing was trained here.', fr: 'Une copie : rien n’a été entraîné ici.' },
      },
    ],
  },
});

const EMISSIONS = /co2_eq_emissions|co2_?emissions|carbon_?footprint|emissions_?kg|gCO2|CO2eq/i;
const CARDS = /\bModelCard\b|create_model_card|MODEL_CARD|model_card\b|README\.md/;
const TRAINS = /\.train\(|\.fit\(|\.backward\(|train_model\(|SFTTrainer|\.learn\(/;

const trainsSomewhere = statedInProgram(({ text }) => TRAINS.test(text));
const statesEmissions = statedInProgram(({ text }) => EMISSIONS.test(text));
const writesCard = statedInProgram(({ text }) => CARDS.test(text));
const isMeasured = statedInProgram(({ text }) => /\b(?:EmissionsTracker|track_emissions)\b/.test(text));

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (!trainsSomewhere(module, flow)) return;
  const published = module.calls.flatMap((call) => {
    const how = publishes(flow, call);
    return how ? [{ call, how }] : [];
  });
  // the push itself rather than the arguments that ask for one
  const first =
    published.find(({ how }) => how === 'model') ??
    published.find(({ call }) => call.callee.kind === 'member') ??
    published[0];
  if (!first) return;
  const { call, how } = first;
  const place =
    call.callee.kind === 'member' ? { start: call.callee.propertyStart, end: call.callee.end } : call.callee;
  if (statesEmissions(module, flow)) return context.pass(place);
  const data = { call: textOf(module, call.callee).replace(/\s+/g, '').slice(-40) };
  const card = module.calls.find((one) =>
    flow.names(one).some((name) => /(?:^|\.)ModelCardData$/.test(name)),
  );
  if (card) return context.fail(card.callee, { message: 'card', data });
  // a card of some kind, written where this cannot be seen
  if (writesCard(module, flow)) return;
  context.fail(place, {
    ...(how === 'trainer' ? { message: 'trainer' } : {}),
    data,
    fixes: fixFor(flow, module, call),
  });
}

/** Whether the call makes a trained model public, and who writes its card. */
function publishes(flow: Flow, call: Call): 'model' | 'trainer' | null {
  const names = flow.names(call);
  const { callee } = call;
  if (names.some((name) => /^transformers\.(?:Seq2Seq)?TrainingArguments$/.test(name))) {
    const push = flow.argument(call, 'push_to_hub');
    return push.state === 'given' &&
      flow.constant(push.value) === true &&
      !isPrivate(flow, call, 'hub_private_repo')
      ? 'trainer'
      : null;
  }
  if (names.some((name) => UPLOADS.test(name))) return uploadsModel(flow, call) ? 'model' : null;
  if (callee.kind !== 'member' || callee.property !== 'push_to_hub' || isPrivate(flow, call, 'private'))
    return null;
  if (
    names.some((name) => /^transformers\.(?:\w*Trainer)\./.test(name)) ||
    isNamed(callee.object, /trainer/i)
  )
    return 'trainer';
  const types = flow.objects(callee.object).flatMap((object) => object.types);
  if (
    types.some((type) =>
      /Tokenizer|Processor|Dataset|FeatureExtractor|ModelCard|Config$|^datasets\./.test(type),
    )
  )
    return null;
  if (
    types.some((type) =>
      /^(?:transformers\.PreTrainedModel|peft\.|torch\.nn\.Module|keras\.Model)/.test(type),
    )
  )
    return 'model';
  return isNamed(callee.object, /model|\bnet\b|adapter/i) ? 'model' : null;
}

const UPLOADS = /^huggingface_hub\.(?:HfApi\.)?upload_(?:file|folder|large_folder)$/;

/** Weights put into a repository of models, by hand. */
function uploadsModel(flow: Flow, call: Call): boolean {
  const type = flow.argument(call, 'repo_type');
  if (type.state === 'unknown' || (type.state === 'given' && flow.constant(type.value) !== 'model'))
    return false;
  const file = flow.argument(call, 'path_in_repo');
  if (file.state !== 'given') return lastName(call.callee) !== 'upload_file';
  const name = flow.constant(file.value);
  return (
    lastName(call.callee) !== 'upload_file' ||
    (typeof name === 'string' &&
      /\.(?:pth?|ckpt|pkl|joblib|h5|keras|onnx|safetensors|bin|gguf|tflite)$/.test(name))
  );
}

function isNamed(expr: Expr, pattern: RegExp): boolean {
  const name = lastName(expr);
  return pattern.test(name) && !/card|data|token/i.test(name);
}

function isPrivate(flow: Flow, call: Call, argument: string): boolean {
  const found = flow.argument(call, argument);
  return found.state === 'given' && flow.constant(found.value) !== false;
}

/** What CodeCarbon measured goes into the card's metadata. */
function fixFor(flow: Flow, module: Module, call: Call): Fix[] {
  const measured = isMeasured(module, flow);
  const repository = flow.argument(call, 'repo_id', 0);
  const statement = statementOf(call);
  if (!measured || repository.state !== 'given' || statement.kind !== 'expression') return [];
  if (!startsLine(module, statement) || enclosingFunction(call)?.isAsync) return [];
  const repo = textOf(module, repository.value);
  if (repo.includes('\n')) return [];
  return [
    {
      title: {
        en: 'Write CodeCarbon’s measurement into the model card',
        fr: 'Écrire la mesure de CodeCarbon dans la fiche du modèle',
      },
      edits: () => [
        insertAfter(module, statement, [
          'with open("emissions.csv") as measured:',
          '    grams = 1000 * sum(float(row["emissions"]) for row in csv.DictReader(measured))',
          `metadata_update(${repo}, {"co2_eq_emissions": {"emissions": grams, "source": "CodeCarbon"}})`,
        ]),
      ],
      imports: ['import csv', 'from huggingface_hub import metadata_update'],
      packages: ['huggingface_hub'],
    },
  ];
}

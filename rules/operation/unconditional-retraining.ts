import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, FunctionNode, Module, Node, Span } from '../../analysis/model.ts';
import { ancestors, descendants, enclosingLoops, lastName } from '../../analysis/tree.ts';
import { indentUnit, insertBefore, lineStart, newlineOf, startsLine, textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { isEndless } from '../semantics/llm-loops.ts';
import { aboutOf, trainingFunctions, trainingScripts, trainings } from '../semantics/schedules.ts';

/** Seconds of sleep from which an endless loop is a schedule. */
const SCHEDULE = 600;

export default defineRule({
  id: 'unconditional-retraining',
  phase: 'operation',
  languages: ['python'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'Arithmetic: a training every night is 365 a year, whether or not the data or the scores moved.',
      fr: 'Arithmétique : un entraînement chaque nuit en fait 365 par an, que les données ou les scores aient bougé ou non.',
    },
  },
  references: {
    course: [
      'Phase de déploiement — Mettre en place un suivi d’usage : « Détecter les dérives de performance pour éviter un réentraînement inutile »',
    ],
    links: ['https://docs.evidentlyai.com', 'https://scikit-learn.org/stable/modules/model_evaluation.html'],
  },
  libraries: [
    'airflow',
    'import schedule',
    'from schedule',
    'apscheduler',
    'celery',
    'prefect',
    'dagster',
    'import modal',
    'from modal',
  ],
  title: {
    en: 'Retraining by the calendar, whether or not it is needed',
    fr: 'Un réentraînement au calendrier, nécessaire ou non',
  },
  what: {
    en: 'A training that a scheduler starts again and again (Airflow, Prefect, Dagster, Celery beat, APScheduler, `schedule`, Modal, an endless loop with a long `sleep`; the training function, or the script that a shell operator runs) while nothing in its code asks first whether data drifted, scores fell or enough new data came. Silent where the code of the training cannot be seen.',
    fr: 'Un entraînement qu’un planificateur relance encore et encore (Airflow, Prefect, Dagster, Celery beat, APScheduler, `schedule`, Modal, une boucle sans fin avec un long `sleep` ; la fonction d’entraînement, ou le script que lance un opérateur shell) alors que rien dans son code ne demande d’abord si les données ont dérivé, si les scores ont baissé ou si assez de données sont arrivées. Muet si le code de l’entraînement n’est pas visible.',
  },
  why: {
    en: 'A training every night is 365 a year; a model whose data hold still gains nothing from 360 of them. Measuring the drift of the inputs, or the score on the newest labels, costs seconds. The course asks to detect drifts so as to avoid a needless retraining.',
    fr: 'Un entraînement par nuit en fait 365 par an ; un modèle dont les données ne bougent pas ne gagne rien à 360 d’entre eux. Mesurer la dérive des entrées, ou le score sur les étiquettes les plus récentes, coûte quelques secondes. Le cours demande de détecter les dérives pour éviter un réentraînement inutile.',
  },
  instead: {
    en: 'Let the schedule run the check, and the check the training: score the model in service on the newest labels and stop if it holds (`if score >= threshold: return`), compare distributions (Kolmogorov-Smirnov, PSI, Evidently), or ask for a number of new rows; `ShortCircuitOperator` in Airflow. Ignore the rule where the data are known to change every time.',
    fr: 'Que la planification lance le contrôle, et le contrôle l’entraînement : évaluez le modèle en service sur les étiquettes les plus récentes et arrêtez s’il tient (`if score >= seuil: return`), comparez les distributions (Kolmogorov-Smirnov, PSI, Evidently), ou exigez un nombre de lignes nouvelles ; `ShortCircuitOperator` dans Airflow. À ignorer si les données changent à coup sûr à chaque fois.',
  },
  messages: {
    default: {
      en: '`{job}` trains again at every turn of its schedule: nothing asks first whether data drifted or scores fell.',
      fr: '`{job}` réentraîne à chaque échéance : rien ne demande d’abord si les données ont dérivé ou si les scores ont baissé.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        code: 'import time\nimport joblib\nimport pandas as pd\nimport schedule\nfrom xgboost import XGBClassifier\n\n\ndef retrain():\n    data = pd.read_csv("orders.csv")\n    model = XGBClassifier(n_estimators=500).fit(data.drop(columns="late"), data["late"])\n    joblib.dump(model, "model.joblib")\n\n\nschedule.every().day.at("02:00").do(retrain)\nwhile True:\n    schedule.run_pending()\n    time.sleep(60)\n',
        fixed:
          'import time\nimport joblib\nimport pandas as pd\nimport schedule\nfrom xgboost import XGBClassifier\n\n\ndef needs_retraining(current="orders.csv", last="orders_of_last_training.parquet", threshold=0.1):\n    """Whether a numeric column moved away from what the last training saw."""\n    import os\n\n    import pandas as pd\n    from scipy.stats import ks_2samp\n\n    now = pd.read_csv(current)\n    moved = not os.path.exists(last)\n    if not moved:\n        before = pd.read_parquet(last)\n        numbers = before.select_dtypes("number").columns.intersection(now.columns)\n        moved = any(ks_2samp(before[name], now[name]).statistic > threshold for name in numbers)\n    if moved:\n        now.to_parquet(last, index=False)\n    return moved\n\n\ndef retrain():\n    if not needs_retraining():\n        return\n    data = pd.read_csv("orders.csv")\n    model = XGBClassifier(n_estimators=500).fit(data.drop(columns="late"), data["late"])\n    joblib.dump(model, "model.joblib")\n\n\nschedule.every().day.at("02:00").do(retrain)\nwhile True:\n    schedule.run_pending()\n    time.sleep(60)\n',
      },
      {
        file: 'dags/churn.py',
        code: 'from airflow import DAG\nfrom airflow.operators.python import PythonOperator\n\n\ndef train():\n    import keras\n\n    model = keras.models.load_model("churn.keras")\n    model.fit(load_rows(), epochs=20)\n    model.save("churn.keras")\n\n\nwith DAG(dag_id="churn", schedule_interval="@daily", catchup=False) as dag:\n    PythonOperator(task_id="train", python_callable=train)\n',
      },
      {
        code: 'from apscheduler.schedulers.blocking import BlockingScheduler\nfrom transformers import Trainer\n\nscheduler = BlockingScheduler()\n\n\n@scheduler.scheduled_job("interval", hours=12)\ndef refresh():\n    trainer = Trainer(model=build(), train_dataset=newest())\n    trainer.train()\n    trainer.save_model("out")\n\n\nscheduler.start()\n',
      },
      {
        file: 'retrain.py',
        code: 'import time\nimport schedule\nfrom training import daily_training\n\nschedule.every().day.at("23:59").do(daily_training)\nwhile True:\n    schedule.run_pending()\n    time.sleep(60)\n',
        files: {
          'training.py':
            'import joblib\nfrom sklearn.tree import DecisionTreeRegressor\n\ndef fit_and_save(features, target):\n    model = DecisionTreeRegressor().fit(features, target)\n    joblib.dump(model, "model.pkl")\n\ndef daily_training():\n    features, target = rows_of_today()\n    fit_and_save(features, target)\n',
        },
      },
      {
        file: 'dags/nightly.py',
        code: 'import joblib\nimport pandas as pd\nfrom airflow import DAG\nfrom airflow.operators.python import PythonOperator\nfrom sklearn.ensemble import RandomForestClassifier\n\n\ndef train():\n    frame = pd.read_parquet("s3://lake/latest.parquet")\n    joblib.dump(RandomForestClassifier().fit(frame.drop(columns="y"), frame["y"]), "model.joblib")\n\n\nwith DAG("nightly", schedule="0 3 * * *") as dag:\n    PythonOperator(task_id="train", python_callable=train)\n',
        fixed:
          'import joblib\nimport pandas as pd\nfrom airflow import DAG\nfrom airflow.operators.python import PythonOperator\nfrom sklearn.ensemble import RandomForestClassifier\n\n\ndef needs_retraining(current="s3://lake/latest.parquet", last="latest_of_last_training.parquet", threshold=0.1):\n    """Whether a numeric column moved away from what the last training saw."""\n    import os\n\n    import pandas as pd\n    from scipy.stats import ks_2samp\n\n    now = pd.read_parquet(current)\n    moved = not os.path.exists(last)\n    if not moved:\n        before = pd.read_parquet(last)\n        numbers = before.select_dtypes("number").columns.intersection(now.columns)\n        moved = any(ks_2samp(before[name], now[name]).statistic > threshold for name in numbers)\n    if moved:\n        now.to_parquet(last, index=False)\n    return moved\n\n\ndef train():\n    if not needs_retraining():\n        return\n    frame = pd.read_parquet("s3://lake/latest.parquet")\n    joblib.dump(RandomForestClassifier().fit(frame.drop(columns="y"), frame["y"]), "model.joblib")\n\n\nwith DAG("nightly", schedule="0 3 * * *") as dag:\n    PythonOperator(task_id="train", python_callable=train)\n',
        note: { en: 'Data in a bucket.', fr: 'Des données dans un bucket.' },
      },
    ],
    good: [
      {
        code: 'import joblib\nimport schedule\nfrom sklearn.metrics import f1_score\nfrom xgboost import XGBClassifier\n\n\ndef retrain():\n    x, y = newest_labels()\n    model = joblib.load("model.joblib")\n    if f1_score(y, model.predict(x)) >= 0.9:\n        return\n    joblib.dump(XGBClassifier().fit(*all_rows()), "model.joblib")\n\n\nschedule.every().day.at("02:00").do(retrain)\n',
        note: { en: 'The score decides.', fr: 'Le score décide.' },
      },
      {
        file: 'dags/churn.py',
        code: 'from airflow import DAG\nfrom airflow.operators.python import PythonOperator, ShortCircuitOperator\nfrom sklearn.ensemble import GradientBoostingClassifier\n\n\ndef train():\n    GradientBoostingClassifier().fit(*load_rows())\n\n\nwith DAG(dag_id="churn", schedule="@daily") as dag:\n    asks = ShortCircuitOperator(task_id="has_moved", python_callable=has_moved)\n    asks >> PythonOperator(task_id="train", python_callable=train)\n',
      },
      {
        file: 'dags/churn.py',
        code: 'from airflow import DAG\nfrom airflow.operators.python import PythonOperator\nfrom pipeline import train_model\n\nwith DAG(dag_id="churn", schedule="@weekly") as dag:\n    PythonOperator(task_id="train", python_callable=train_model)\n',
        note: { en: 'What it does is out of sight.', fr: 'Ce qu’il fait est hors de vue.' },
      },
      {
        code: 'import time\nimport schedule\n\n\ndef report():\n    send_report()\n\n\nschedule.every().hour.do(report)\n',
      },
      {
        code: 'import schedule\nfrom scipy.stats import ks_2samp\nfrom sklearn.ensemble import RandomForestClassifier\n\n\ndef drifted():\n    return ks_2samp(reference(), newest()).pvalue < 0.01\n\n\ndef job():\n    if drifted():\n        RandomForestClassifier().fit(*all_rows())\n\n\nschedule.every().sunday.do(job)\n',
      },
      {
        code: 'import time\nfrom sklearn.linear_model import SGDClassifier\n\nmodel = SGDClassifier()\nwhile True:\n    x, y = next_batch()\n    model.partial_fit(x, y)\n    time.sleep(1)\n',
        note: {
          en: 'Online learning, not a schedule.',
          fr: 'Apprentissage en ligne, non une planification.',
        },
      },
      {
        file: 'train.py',
        code: 'from airflow import DAG\nfrom sklearn.svm import SVC\n\ndag = DAG(dag_id="once", schedule=None)\n\n\ndef train():\n    SVC().fit(x, y)\n',
        note: { en: 'Started by hand.', fr: 'Lancé à la main.' },
      },
    ],
  },
});

/** Words of a check: drift, a threshold, a comparison of scores, new rows, a branch of the pipeline. */
const CHECKS =
  /drift|\bpsi\b|ks_2samp|kstest|wasserstein|evidently|nannyml|alibi_detect|deepchecks|whylogs|threshold|should_(?:re)?train|needs?_(?:re)?train|degrad|ShortCircuit|Branch\w*Operator|Sensor\(|champion|challenger|new_(?:data|rows|samples|records)|min_(?:samples|rows)|has_(?:new|changed|moved)|mtime|checksum|md5|sha256/i;
const COMPARES =
  /\bif\b[^\n]*(?:acc|score|f1|auc|mae|mse|rmse|error|loss|metric|perf|len\(|count|rows|shape|\.empty)[^\n]*(?:[<>]|==|empty)|\bif not\b[^\n]*(?:data|rows|new)|\bif\b[^\n]*\.empty/i;

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (module.language !== 'python') return;
  for (const { place, about } of schedules(module, flow)) {
    const functions = [...new Set(about.flatMap((node) => trainingFunctions(node, module, flow)))];
    const direct = about.filter((node) => holdsTraining(node, module, flow));
    const scripts =
      functions.length + direct.length > 0
        ? []
        : [...new Set(about.flatMap((node) => trainingScripts(node, module, flow)))];
    if (functions.length + direct.length + scripts.length === 0) continue;
    const code = [...about, ...reach(functions, flow)];
    const text = [
      ...code.map((node) => textOf(flow.moduleOf(node), node)),
      ...scripts.map((script) => script.text),
    ].join('\n');
    if (CHECKS.test(text) || COMPARES.test(text)) {
      context.pass(place);
      continue;
    }
    const script = scripts[0]?.path;
    const job = functions[0]?.name ?? script?.slice(script.lastIndexOf('/') + 1);
    const [first] = functions;
    context.fail(place, {
      data: { job: job ?? textOf(module, place).slice(0, 40) },
      fixes: first && functions.length === 1 && flow.moduleOf(first) === module ? fixFor(module, first) : [],
    });
  }
}

/** A test of drift before the training: the data that it reads, against those of the last time. */
function fixFor(module: Module, fn: FunctionNode): Fix[] {
  const [first, second] = fn.body.statements;
  const isText =
    first?.kind === 'expression' &&
    first.expression.kind === 'literal' &&
    typeof first.expression.value === 'string';
  const start = isText ? second : first;
  if (fn.isLambda || fn.isGenerator || !start || !startsLine(module, start)) return [];
  const read = /\bread_(csv|parquet)\(\s*(["'])([^"']+)\2/.exec(textOf(module, fn));
  const [, format, , current] = read ?? [];
  if (!format || !current) return []; // no table to compare
  // kept beside the program, wherever the data live
  const name = current.includes('://') ? current.slice(current.lastIndexOf('/') + 1) : current;
  const last = name.replace(/(?:\.\w+)*$/, '_of_last_training.parquet');
  let top: Node = fn;
  for (const parent of ancestors(fn)) {
    if (parent.kind !== 'block') top = parent;
  }
  const decorators = top.kind === 'function' ? top.decorators : [];
  const at = lineStart(module, Math.min(top.start, ...decorators.map((one) => one.start)));
  const unit = indentUnit(module);
  const helper = [
    `def needs_retraining(current="${current}", last="${last}", threshold=0.1):`,
    `${unit}"""Whether a numeric column moved away from what the last training saw."""`,
    `${unit}import os`,
    '',
    `${unit}import pandas as pd`,
    `${unit}from scipy.stats import ks_2samp`,
    '',
    `${unit}now = pd.read_${format}(current)`,
    `${unit}moved = not os.path.exists(last)`,
    `${unit}if not moved:`,
    `${unit}${unit}before = pd.read_parquet(last)`,
    `${unit}${unit}numbers = before.select_dtypes("number").columns.intersection(now.columns)`,
    `${unit}${unit}moved = any(ks_2samp(before[name], now[name]).statistic > threshold for name in numbers)`,
    `${unit}if moved:`,
    `${unit}${unit}now.to_parquet(last, index=False)`,
    `${unit}return moved`,
    '',
    '',
  ];
  const newline = newlineOf(module);
  return [
    {
      title: {
        en: 'Retrain only where the data moved (Kolmogorov-Smirnov)',
        fr: 'Ne réentraîner que si les données ont bougé (Kolmogorov-Smirnov)',
      },
      edits: () => [
        { start: at, end: at, text: helper.join(newline) + newline },
        insertBefore(module, start, ['if not needs_retraining():', `${unit}return`]),
      ],
    },
  ];
}

interface Schedule {
  readonly place: Span;
  readonly about: readonly Node[];
}

/** Everything in the file that starts something again and again. */
function schedules(module: Module, flow: Flow): readonly Schedule[] {
  const started = module.calls.flatMap((call): Schedule[] =>
    startsAgain(call, module, flow) ? [scheduleOf(call, module)] : [],
  );
  const loops = module.loops.flatMap((loop): Schedule[] => {
    if (loop.kind !== 'while' || !isEndless(flow, loop)) return [];
    const pause = descendants(loop.body, 'call', true).find(
      (call) =>
        flow.names(call).some((name) => name === 'time.sleep' || name === 'asyncio.sleep') &&
        enclosingLoops(call)[0] === loop,
    );
    const seconds = pause?.args[0] ? flow.constant(pause.args[0].value) : undefined;
    if (typeof seconds !== 'number' || seconds < SCHEDULE) return [];
    return [{ place: { start: loop.start, end: loop.test?.end ?? loop.body.start }, about: [loop.body] }];
  });
  return [...started, ...loops];
}

function scheduleOf(call: Call, module: Module): Schedule {
  const { callee } = call;
  const place = callee.kind === 'member' ? { start: callee.propertyStart, end: callee.end } : callee;
  return { place, about: aboutOf(call, module) };
}

const WHEN = ['schedule', 'schedule_interval', 'cron', 'interval', 'cron_schedule', 'timetable'];

function startsAgain(call: Call, module: Module, flow: Flow): boolean {
  const { callee } = call;
  const name = lastName(callee);
  if (name === 'do' && callee.kind === 'member') return /\bevery\(/.test(textOf(module, callee.object));
  if (name === 'add_job' || name === 'scheduled_job') {
    const trigger = flow.argument(call, 'trigger', name === 'add_job' ? 1 : 0);
    return trigger.state === 'given' && flow.constant(trigger.value) !== 'date';
  }
  if (name === 'add_periodic_task') return true;
  // an entry of Celery's beat_schedule
  if (name === 'crontab') return call.parent?.kind === 'entry';
  if (!/^(?:DAG|dag|serve|ScheduleDefinition|schedule|function|deploy)$/.test(name)) return false;
  return WHEN.some((option) => {
    const found = flow.argument(call, option);
    if (found.state !== 'given') return false;
    const value = flow.constant(found.value);
    return value !== null && value !== '@once';
  });
}

/** A training that stands in the node itself. */
function holdsTraining(node: Node, module: Module, flow: Flow): boolean {
  return trainings(flow, module).some((site) => node.start <= site.start && site.end <= node.end);
}

/** The functions and all that they call in the workspace. */
function reach(functions: readonly FunctionNode[], flow: Flow): readonly Node[] {
  const seen = new Set<FunctionNode>(functions);
  for (const fn of seen) {
    if (seen.size > 20) break;
    for (const call of descendants(fn.body, 'call'))
      for (const target of flow.targets(call)) seen.add(target);
  }
  return [...seen];
}

import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, Literal, Module, Node, Span } from '../../analysis/model.ts';
import { lastName } from '../../analysis/tree.ts';
import { replace, textOf } from '../edits.ts';
import { defineRule, type Edit, type Fix, type RuleContext } from '../rule.ts';
import { isAside } from '../semantics/javascript.ts';
import { aboutOf, trains } from '../semantics/schedules.ts';

/** Hours at which the French grid is under strain on working days: EcoWatt warns for 8 to 13 h and 18 to 20 h. */
const PEAK: ReadonlySet<number> = new Set([8, 9, 10, 11, 12, 18, 19]);
/** The hour that a fix writes: the trough of the night. */
const TROUGH = 3;

export default defineRule({
  id: 'peak-hour-schedule',
  phase: 'training',
  languages: ['python', 'typescript'],
  severity: 'information',
  status: 'preview',
  fix: 'suggested',
  impact: {
    resource: 'carbon',
    band: 'low',
    source: {
      en: 'RTE, EcoWatt: the grid is under most strain from 8 to 13 h and from 18 to 20 h on working days, when the dearest and often most carbon-intensive plants run.',
      fr: 'RTE, EcoWatt : le réseau est le plus tendu de 8 à 13 h et de 18 à 20 h les jours ouvrés, quand tournent les centrales les plus chères, souvent les plus carbonées.',
    },
  },
  references: {
    course: [
      "Phase d'entraînement — Mutualiser les ressources : « Planifier les entraînements en heures creuses pour limiter la charge réseau/électrique »",
    ],
    links: ['https://www.monecowatt.fr', 'https://arxiv.org/abs/2110.13234'],
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
    'node-cron',
    'node-schedule',
    'croner',
    "'cron'",
    '"cron"',
    'CronJob',
    'Schedule.cron',
    'scheduleExpression',
    'ScheduleExpression',
    'schedule_expression',
    'aws-events',
    'aws_events',
    "'events'",
    '"events"',
    "'scheduler'",
    '"scheduler"',
  ],
  title: {
    en: 'Training planned for the peak hours of the grid',
    fr: 'Un entraînement planifié aux heures de pointe du réseau',
  },
  what: {
    en: 'A training that a scheduler starts on working days between 8 and 13 h or 18 and 20 h: Airflow, Prefect, Dagster, Celery beat, APScheduler, `schedule`, Modal, node-cron, EventBridge and other cron expressions. Schedules of other jobs, several times a day, or at weekends only are left alone.',
    fr: 'Un entraînement qu’un planificateur lance en semaine entre 8 et 13 h ou 18 et 20 h : Airflow, Prefect, Dagster, Celery beat, APScheduler, `schedule`, Modal, node-cron, EventBridge et autres expressions cron. Les planifications d’autres tâches, plusieurs fois par jour ou seulement le week-end ne sont pas visées.',
  },
  why: {
    en: 'A training can wait, the evening peak cannot: that is when the dearest and most carbon-intensive plants are started (RTE’s EcoWatt warns for 8 to 13 h and 18 to 20 h). What moving jobs by a few hours saves is studied on four grids in “Let’s Wait Awhile” (Wiesner et al., 2021).',
    fr: 'Un entraînement peut attendre, pas la pointe du soir : c’est alors que démarrent les centrales les plus chères et les plus carbonées (EcoWatt de RTE alerte de 8 à 13 h et de 18 à 20 h). Ce qu’on gagne à décaler des tâches de quelques heures est étudié sur quatre réseaux dans « Let’s Wait Awhile » (Wiesner et al., 2021).',
  },
  instead: {
    en: 'Start it in the trough of the night (2 to 5 h), or where the grid is solar at noon. Mind the scheduler’s time zone, often UTC. Ignore the rule where the machine runs on its own sun, or the result is needed within the hour.',
    fr: 'Lancez-le dans le creux de la nuit (2 à 5 h), ou à midi là où le réseau est solaire. Attention au fuseau du planificateur, souvent UTC. À ignorer si la machine a son propre soleil, ou si le résultat est attendu dans l’heure.',
  },
  messages: {
    default: {
      en: 'This training starts at {hour}:00, a peak hour of the grid: can it wait for the night?',
      fr: 'Cet entraînement démarre à {hour} h, une heure de pointe du réseau : peut-il attendre la nuit ?',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        file: 'dags/retrain.py',
        code: 'from airflow import DAG\nfrom airflow.operators.python import PythonOperator\n\nfrom pipeline import train_model\n\nwith DAG(dag_id="retrain", schedule_interval="0 18 * * *", catchup=False) as dag:\n    train = PythonOperator(task_id="train", python_callable=train_model)\n',
        fixed:
          'from airflow import DAG\nfrom airflow.operators.python import PythonOperator\n\nfrom pipeline import train_model\n\nwith DAG(dag_id="retrain", schedule_interval="0 3 * * *", catchup=False) as dag:\n    train = PythonOperator(task_id="train", python_callable=train_model)\n',
      },
      {
        code: 'import time\nimport keras\nimport schedule\n\n\ndef job():\n    model = keras.models.load_model("model.keras")\n    model.fit(load(), epochs=10)\n    model.save("model.keras")\n\n\nschedule.every().day.at("09:30").do(job)\nwhile True:\n    schedule.run_pending()\n    time.sleep(60)\n',
        fixed:
          'import time\nimport keras\nimport schedule\n\n\ndef job():\n    model = keras.models.load_model("model.keras")\n    model.fit(load(), epochs=10)\n    model.save("model.keras")\n\n\nschedule.every().day.at("03:30").do(job)\nwhile True:\n    schedule.run_pending()\n    time.sleep(60)\n',
      },
      {
        code: 'from apscheduler.schedulers.blocking import BlockingScheduler\n\nfrom model import retrain\n\nscheduler = BlockingScheduler()\nscheduler.add_job(retrain, "cron", hour=19, minute=0)\nscheduler.start()\n',
        fixed:
          'from apscheduler.schedulers.blocking import BlockingScheduler\n\nfrom model import retrain\n\nscheduler = BlockingScheduler()\nscheduler.add_job(retrain, "cron", hour=3, minute=0)\nscheduler.start()\n',
      },
      {
        file: 'lib/training-stack.ts',
        code: "import * as events from 'aws-cdk-lib/aws-events';\n\nnew events.Rule(this, 'WeeklyTraining', {\n  schedule: events.Schedule.cron({ minute: '0', hour: '18', weekDay: 'MON' }),\n});\n",
        fixed:
          "import * as events from 'aws-cdk-lib/aws-events';\n\nnew events.Rule(this, 'WeeklyTraining', {\n  schedule: events.Schedule.cron({ minute: '0', hour: '3', weekDay: 'MON' }),\n});\n",
      },
      {
        file: 'app.py',
        code: 'from aws_cdk import aws_events as events\nfrom aws_cdk import aws_events_targets as targets\nfrom aws_cdk import aws_iam as iam\nfrom aws_cdk import aws_lambda as lambda_\nfrom aws_cdk import core\n\n\nclass Nightly(core.Stack):\n    def __init__(self, app, id):\n        super().__init__(app, id)\n        starter = lambda_.Function(self, "Starter", handler="index.main", runtime=lambda_.Runtime.PYTHON_3_12, code=code)\n        starter.add_to_role_policy(iam.PolicyStatement(actions=["sagemaker:CreateTrainingJob"], resources=["*"]))\n        rule = events.Rule(self, "Rule", schedule=events.Schedule.cron(minute="0", hour="18", week_day="MON-FRI"))\n        rule.add_target(targets.LambdaFunction(starter))\n',
        fixed:
          'from aws_cdk import aws_events as events\nfrom aws_cdk import aws_events_targets as targets\nfrom aws_cdk import aws_iam as iam\nfrom aws_cdk import aws_lambda as lambda_\nfrom aws_cdk import core\n\n\nclass Nightly(core.Stack):\n    def __init__(self, app, id):\n        super().__init__(app, id)\n        starter = lambda_.Function(self, "Starter", handler="index.main", runtime=lambda_.Runtime.PYTHON_3_12, code=code)\n        starter.add_to_role_policy(iam.PolicyStatement(actions=["sagemaker:CreateTrainingJob"], resources=["*"]))\n        rule = events.Rule(self, "Rule", schedule=events.Schedule.cron(minute="0", hour="3", week_day="MON-FRI"))\n        rule.add_target(targets.LambdaFunction(starter))\n',
        note: {
          en: 'What the function may do tells what it starts.',
          fr: 'Ce que la fonction a le droit de faire dit ce qu’elle lance.',
        },
      },
      {
        file: 'jobs.js',
        code: "const cron = require('node-cron');\nconst { trainRecommender } = require('./recommender');\n\ncron.schedule('0 9 * * 1-5', () => {\n  trainRecommender();\n});\n",
        fixed:
          "const cron = require('node-cron');\nconst { trainRecommender } = require('./recommender');\n\ncron.schedule('0 3 * * 1-5', () => {\n  trainRecommender();\n});\n",
      },
      {
        file: 'celeryconfig.py',
        code: 'from celery.schedules import crontab\n\nbeat_schedule = {\n    "mail": {"task": "shop.tasks.send_mail", "schedule": crontab(hour=9, minute=0)},\n    "retrain-models": {"task": "shop.tasks.update", "schedule": crontab(hour=18, minute=30)},\n}\n',
        fixed:
          'from celery.schedules import crontab\n\nbeat_schedule = {\n    "mail": {"task": "shop.tasks.send_mail", "schedule": crontab(hour=9, minute=0)},\n    "retrain-models": {"task": "shop.tasks.update", "schedule": crontab(hour=3, minute=30)},\n}\n',
        note: { en: 'One job of a table.', fr: 'Une tâche d’une table.' },
      },
    ],
    good: [
      {
        file: 'celeryconfig.py',
        code: 'from datetime import timedelta\n\nfrom celery.schedules import crontab\n\nbeat_schedule = {\n    "fetch-weather": {"task": "forecasts.tasks.fetch_weather", "schedule": crontab(hour=19, minute=0)},\n    "train-every-week": {"task": "forecasts.tasks.train", "schedule": timedelta(days=7)},\n    "predict": {"task": "forecasts.tasks.predict", "schedule": crontab(hour=8, minute=5)},\n}\n',
        note: {
          en: 'Another job of the table trains.',
          fr: 'C’est une autre tâche de la table qui entraîne.',
        },
      },
      {
        file: 'dags/retrain.py',
        code: 'from airflow import DAG\nfrom airflow.operators.python import PythonOperator\n\nwith DAG(dag_id="retrain", schedule="0 2 * * *") as dag:\n    PythonOperator(task_id="train", python_callable=train_model)\n',
      },
      {
        file: 'dags/report.py',
        code: 'from airflow import DAG\nfrom airflow.operators.python import PythonOperator\n\nwith DAG(dag_id="daily_report", schedule="0 9 * * *") as dag:\n    PythonOperator(task_id="send", python_callable=send_report)\n',
        note: { en: 'No training.', fr: 'Pas d’entraînement.' },
      },
      {
        code: 'import schedule\n\nfrom model import retrain\n\nschedule.every().sunday.at("10:00").do(retrain)\n',
        note: { en: 'On a Sunday.', fr: 'Un dimanche.' },
      },
      {
        code: 'from apscheduler.schedulers.background import BackgroundScheduler\n\nfrom model import retrain\n\nscheduler = BackgroundScheduler()\nscheduler.add_job(retrain, "interval", hours=12)\n',
      },
      {
        code: 'from sklearn.model_selection import train_test_split\nfrom apscheduler.schedulers.blocking import BlockingScheduler\n\nscheduler = BlockingScheduler()\n\n\n@scheduler.scheduled_job("cron", hour=9)\ndef remind():\n    print("The training room is booked.")\n',
      },
      {
        file: 'jobs.js',
        code: "const cron = require('node-cron');\n\ncron.schedule('0 */6 * * *', () => trainRecommender());\ncron.schedule('0 9 * * *', () => sendTrainTickets());\n",
        note: {
          en: 'Every six hours; and railway tickets.',
          fr: 'Toutes les six heures ; et des billets de train.',
        },
      },
    ],
  },
});

/** A time of day at which something is started. */
interface Slot {
  readonly hour: number;
  /** Where the hour is written, and what replaces it. */
  readonly edit: Edit | null;
  readonly place: Span;
  /** The nodes that tell what is started: the call, a DAG's body, a decorated function. */
  readonly about: readonly Node[];
}

/** Every way below to write an hour names one of these. */
const SPEAKS_OF_SCHEDULES = /cron|schedule|timetable|every\(|add_job|expression\(/i;

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (!SPEAKS_OF_SCHEDULES.test(module.text) || isAside(module)) return;
  const slots = module.calls.flatMap((call) => slotsOf(call, module, flow));
  for (const slot of slots) {
    if (!slot.about.some((node) => trains(node, module, flow))) continue;
    if (!PEAK.has(slot.hour)) {
      context.pass(slot.place);
      continue;
    }
    const { edit } = slot;
    const fixes: Fix[] = edit
      ? [
          {
            title: { en: `Start it at ${TROUGH}:00`, fr: `Le lancer à ${TROUGH} h` },
            edits: () => [edit],
          },
        ]
      : [];
    context.fail(slot.place, { data: { hour: slot.hour }, fixes });
  }
}

const CRON_OPTIONS = [
  'schedule_interval',
  'schedule',
  'cron',
  'cron_schedule',
  'cron_expression',
  'ScheduleExpression',
  'scheduleExpression',
  'timetable',
];

function slotsOf(call: Call, module: Module, flow: Flow): Slot[] {
  const { callee } = call;
  const name = lastName(callee);
  const text = (expr: Expr): Slot[] => {
    const slot = cronSlot(expr, flow, module);
    return slot ? [{ ...slot, about: aboutOf(call, module) }] : [];
  };
  // crontab(hour=18), CronTrigger(hour=18), add_job(train, "cron", hour=18), Schedule.cron({ hour: '18' })
  if (/^(?:crontab|CronTrigger|add_job|scheduled_job|cron)$/.test(name)) {
    const hour = flow.argument(call, 'hour');
    if (hour.state === 'given') {
      const days = ['day_of_week', 'weekDay', 'dayOfWeek'].map((key) => flow.argument(call, key));
      if (days.some((day) => day.state === 'given' && isWeekend(String(flow.constant(day.value))))) return [];
      const value = Number(flow.constant(hour.value));
      const isWritten = hour.value.kind === 'literal' && flow.moduleOf(hour.value) === module;
      if (!Number.isInteger(value)) return [];
      const written = isWritten && typeof (hour.value as Literal).value === 'string';
      const quote = textOf(module, hour.value)[0];
      return [
        {
          hour: value,
          edit: isWritten
            ? replace(hour.value, written ? `${quote}${TROUGH}${quote}` : String(TROUGH))
            : null,
          place: hour.value,
          about: aboutOf(call, module),
        },
      ];
    }
  }
  // schedule.every().day.at("18:00").do(train)
  if (name === 'at' && callee.kind === 'member') {
    const days = textOf(module, callee.object);
    const at = call.args[0]?.value;
    const time = at ? flow.constant(at) : undefined;
    const hours = typeof time === 'string' ? /^(\d{1,2}):\d\d/.exec(time) : null;
    if (!at || !hours || !/\bevery\(/.test(days) || /saturday|sunday/.test(days)) return [];
    const start = at.start + 1;
    const digits = hours[1] as string;
    return [
      {
        hour: Number(digits),
        edit:
          at.kind === 'literal' && module.text.startsWith(digits, start)
            ? { start, end: start + digits.length, text: `0${TROUGH}` }
            : null,
        place: at,
        about: [ancestorCall(call)],
      },
    ];
  }
  if (/^(?:schedule|scheduleJob|Cron|CronSchedule|from_crontab|expression|CronJob)$/.test(name)) {
    const first = call.args[0];
    if (first && !first.spread && first.name === null) {
      const found = text(first.value);
      if (found.length > 0) return found;
    }
  }
  for (const option of CRON_OPTIONS) {
    const found = flow.argument(call, option);
    if (found.state === 'given') {
      const slots = text(found.value);
      if (slots.length > 0) return slots;
    }
  }
  return [];
}

/** `x.at("18:00").do(train)`: the whole chain. */
function ancestorCall(call: Call): Node {
  const member = call.parent;
  return member?.kind === 'member' && member.parent?.kind === 'call' ? member.parent : call;
}

function isWeekend(days: string): boolean {
  return /^(?:sat|sun|saturday|sunday|sat-sun|sat,sun|sun,sat|[067](?:,[067])*|6-7)$/i.test(days.trim());
}

/** The hour of a cron expression that names one: `0 18 * * 1-5`, `cron(0 18 * * ? *)`. */
function cronSlot(expr: Expr, flow: Flow, module: Module): Omit<Slot, 'about'> | null {
  const found = flow.constant(expr);
  if (typeof found !== 'string') return null;
  const inner = /^cron\((.*)\)$/.exec(found.trim());
  const fields = (inner?.[1] ?? found).trim().split(/\s+/);
  const isAws = inner !== null;
  if (fields.length < 5 || fields.length > 6 || !fields.every((field) => /^[\d*/,?\-A-Za-z#L]+$/.test(field)))
    return null;
  // node-cron's six fields begin with seconds
  const shift = !isAws && fields.length === 6 ? 1 : 0;
  const hour = fields[1 + shift] ?? '';
  const days = fields[4 + shift] ?? '';
  if (!/^\d{1,2}$/.test(hour) || isWeekend(days)) return null;
  return { hour: Number(hour), edit: hourEdit(expr, module, flow, hour, shift), place: expr };
}

function hourEdit(expr: Expr, module: Module, flow: Flow, hour: string, shift: number): Edit | null {
  const literal = expr.kind === 'literal' ? expr : null;
  if (!literal || flow.moduleOf(literal) !== module) return null;
  const written = textOf(module, literal);
  const match = new RegExp(`^(['"\`](?:cron\\()?\\s*(?:\\S+\\s+){${1 + shift}})${hour}(?=\\s)`).exec(written);
  if (!match) return null;
  const start = literal.start + (match[1] as string).length;
  return { start, end: start + hour.length, text: String(TROUGH) };
}

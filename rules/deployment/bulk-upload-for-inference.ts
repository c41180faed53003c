import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Module, Node } from '../../analysis/model.ts';
import { descendants, lastName } from '../../analysis/tree.ts';
import { textOf } from '../edits.ts';
import { defineRule, type RuleContext } from '../rule.ts';
import { isLlmCall } from '../semantics/ai-calls.ts';
import { isAside } from '../semantics/javascript.ts';
import { reach } from '../semantics/runs-model.ts';

/** Milliseconds from which a picture now and then is no stream any more. */
const RARE = 60_000;

export default defineRule({
  id: 'bulk-upload-for-inference',
  phase: 'deployment',
  languages: ['typescript'],
  severity: 'hint',
  status: 'preview',
  fix: 'none',
  impact: {
    resource: 'network',
    band: 'medium',
    source: {
      en: 'Arithmetic: a 100 kB picture twice a second is 720 MB an hour for each visitor; SWD v4 counts 0.059 kWh of network per GB.',
      fr: 'Arithmétique : une image de 100 ko deux fois par seconde fait 720 Mo par heure et par visiteur ; SWD v4 compte 0,059 kWh de réseau par Go.',
    },
  },
  references: {
    course: [
      'Phase de déploiement — Utiliser l’Edge ou le cloud vert : « Éviter les transferts de données massifs entre serveurs et clients »',
    ],
    links: ['https://sustainablewebdesign.org/estimating-digital-emissions/'],
  },
  libraries: [
    'toDataURL',
    'toBlob',
    'getScreenshot',
    'convertToBlob',
    'takePhoto',
    'grabFrame',
    'takePictureAsync',
  ],
  title: {
    en: 'Pictures are sent to a server on a timer to be recognised there',
    fr: 'Des images sont envoyées au serveur sur minuterie pour y être reconnues',
  },
  what: {
    en: 'A timer or frame loop (`setInterval`, `requestAnimationFrame`, a `setTimeout` that sets itself again) that takes a picture of a camera or canvas and posts it to a server (`fetch`, axios, a socket, a model’s API), whether or not the picture changed. Pictures that a person takes, and rounds that look for a change first, are left alone.',
    fr: 'Une minuterie ou une boucle d’images (`setInterval`, `requestAnimationFrame`, un `setTimeout` qui se relance) qui prend une image d’une caméra ou d’un canvas et l’envoie à un serveur (`fetch`, axios, socket, API d’un modèle), qu’elle ait changé ou non. Les photos prises par une personne, et les tours qui cherchent d’abord un changement, ne sont pas visés.',
  },
  why: {
    en: 'A picture of 100 kB twice a second makes 720 MB an hour for each visitor, and a run of the server’s model for each picture, most of them like the one before. A phone runs a small detector itself in a few milliseconds, and nothing leaves it.',
    fr: 'Une image de 100 ko deux fois par seconde fait 720 Mo par heure et par visiteur, et une exécution du modèle sur le serveur pour chacune, presque toutes pareilles à la précédente. Un téléphone fait tourner lui-même un petit détecteur en quelques millisecondes, et rien n’en sort.',
  },
  instead: {
    en: 'Run a small model in the browser (MediaPipe, TensorFlow.js, transformers.js), or let it decide when a picture is worth sending: motion, a face, a button. Send it small (224 × 224 is what most models see) and as JPEG. Ignore the hint where the model cannot leave the server and each picture counts.',
    fr: 'Faites tourner un petit modèle dans le navigateur (MediaPipe, TensorFlow.js, transformers.js), ou laissez-le décider quand une image vaut l’envoi : mouvement, visage, bouton. Envoyez-la petite (224 × 224 suffit à la plupart des modèles) et en JPEG. À ignorer si le modèle ne peut quitter le serveur et que chaque image compte.',
  },
  messages: {
    default: {
      en: 'A picture goes to the server at every tick (`{call}`), changed or not: run a small model here, or send what changed.',
      fr: 'Une image part au serveur à chaque tic (`{call}`), changée ou non : faites tourner un petit modèle ici, ou envoyez ce qui change.',
    },
    rate: {
      en: 'A picture goes to the server {rate} times a minute (`{call}`), changed or not: run a small model here, or send what changed.',
      fr: 'Une image part au serveur {rate} fois par minute (`{call}`), changée ou non : faites tourner un petit modèle ici, ou envoyez ce qui change.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        file: 'detect.js',
        code: "const video = document.querySelector('video');\nconst canvas = document.createElement('canvas');\n\nsetInterval(async () => {\n  canvas.getContext('2d').drawImage(video, 0, 0);\n  const image = canvas.toDataURL('image/png');\n  const response = await fetch('/predict', { method: 'POST', body: JSON.stringify({ image }) });\n  show(await response.json());\n}, 500);\n",
      },
      {
        file: 'Emotion.jsx',
        code: "import axios from 'axios';\nimport { useEffect, useRef } from 'react';\nimport Webcam from 'react-webcam';\n\nexport function Emotion() {\n  const webcam = useRef(null);\n  const capture = async () => {\n    const shot = webcam.current.getScreenshot();\n    await axios.post('http://localhost:5000/detect-emotion', { shot });\n  };\n  useEffect(() => {\n    const timer = setInterval(capture, 1000);\n    return () => clearInterval(timer);\n  }, []);\n  return <Webcam ref={webcam} />;\n}\n",
      },
      {
        file: 'stream.ts',
        code: "import { io } from 'socket.io-client';\n\nconst socket = io('https://faces.example.org');\nconst canvas = document.querySelector('canvas')!;\n\nfunction sendFrame() {\n  socket.emit('recognise', canvas.toDataURL('image/jpeg', 0.6));\n  requestAnimationFrame(sendFrame);\n}\nsendFrame();\n",
      },
      {
        file: 'emotion.js',
        code: "const socket = new WebSocket('wss://faces.example.org/emotion');\nconst canvas = document.createElement('canvas');\n\nfunction share() {\n  canvas.getContext('2d').drawImage(document.querySelector('video'), 0, 0);\n  socket.send(canvas.toDataURL('image/jpeg'));\n  requestAnimationFrame(share);\n}\nsocket.onopen = share;\n",
        note: { en: 'The address says what for.', fr: 'L’adresse dit pour quoi faire.' },
      },
    ],
    good: [
      {
        file: 'photo.js',
        code: "document.querySelector('#shoot').addEventListener('click', async () => {\n  const image = canvas.toDataURL('image/jpeg');\n  await fetch('/predict', { method: 'POST', body: image });\n});\n",
        note: { en: 'A person takes it.', fr: 'Une personne la prend.' },
      },
      {
        file: 'local.js',
        code: "import * as cocoSsd from '@tensorflow-models/coco-ssd';\n\nconst model = await cocoSsd.load();\nsetInterval(async () => {\n  show(await model.detect(video));\n}, 500);\nsave.onclick = () => download(canvas.toDataURL());\n",
        note: { en: 'The model runs here.', fr: 'Le modèle tourne ici.' },
      },
      {
        file: 'motion.js',
        code: "setInterval(async () => {\n  const image = canvas.toDataURL('image/jpeg');\n  if (!hasMotion(canvas)) return;\n  await fetch('/detect', { method: 'POST', body: image });\n}, 500);\n",
        note: { en: 'Only where something moved.', fr: 'Seulement si quelque chose a bougé.' },
      },
      {
        file: 'thumbnail.js',
        code: "setInterval(() => {\n  preview.src = canvas.toDataURL('image/png');\n}, 1000);\nfetch('/model/labels').then(show);\n",
        note: { en: 'Nothing is sent.', fr: 'Rien n’est envoyé.' },
      },
      {
        file: 'timelapse.js',
        code: "setInterval(() => {\n  fetch('/analyse', { method: 'POST', body: canvas.toDataURL('image/jpeg') });\n}, 10 * 60 * 1000);\n",
        note: { en: 'Every ten minutes.', fr: 'Toutes les dix minutes.' },
      },
      {
        file: 'drawing.js',
        code: "setInterval(() => {\n  fetch('/autosave', { method: 'POST', body: canvas.toDataURL('image/png') });\n}, 5000);\n",
        note: { en: 'A drawing is saved, not recognised.', fr: 'Un dessin est sauvegardé, non reconnu.' },
      },
      {
        file: 'voice.js',
        code: "const lines = [];\nconst canvas = document.querySelector('canvas');\n\nasync function answer(text) {\n  const picture = canvas.toDataURL('image/jpeg');\n  const response = await fetch('/api/vision', { method: 'POST', body: JSON.stringify({ text, picture }) });\n  lines.push(await response.text());\n  speak();\n}\n\nfunction listen() {\n  const ear = new webkitSpeechRecognition();\n  ear.onresult = (event) => answer(event.results[0][0].transcript);\n  ear.start();\n}\n\nfunction speak() {\n  if (lines.length === 0) return listen();\n  speechSynthesis.speak(new SpeechSynthesisUtterance(lines.shift()));\n  setTimeout(speak, 50);\n}\nspeak();\n",
        note: { en: 'With what a person says.', fr: 'Avec ce qu’une personne dit.' },
      },
    ],
  },
});

const CAPTURES = /^(?:toDataURL|toBlob|getScreenshot|convertToBlob|takePhoto|grabFrame|takePictureAsync)$/;
/** What the server is asked to do with the picture. */
const RECOGNISES =
  /predict|detect|recogni[sz]|classif|infer|analy[sz]|emotion|face|pose|gesture|sign_?lang|\bocr\b|caption|segment|label|vision|yolo|identify|match|verify|attendance|landmark/i;
/** A round that looks whether it is worth sending. */
const LOOKS =
  /(?<!e)motion|moved|changed|difference|diff\b|pixelmatch|similar|hash|hasFace|lastImage|previousFrame|prevFrame/i;

/** A round that waits for what a person says. */
const LISTENS = /SpeechRecognition\b|\.onresult\b|\.onspeechend\b/;

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (module.language !== 'typescript' || isAside(module)) return;
  const seen = new Set<Call>();
  for (const timer of module.calls) {
    const tick = tickOf(flow, timer);
    if (!tick) continue;
    const code = reach(tick.body, flow);
    const calls = code.flatMap((node) => descendants(node, 'call'));
    const text = code.map((node) => textOf(flow.moduleOf(node), node)).join('\n');
    if (LISTENS.test(text)) continue;
    const capture = calls.find((call) => CAPTURES.test(lastName(call.callee)));
    const send = calls.find((call) => sends(flow, call));
    if (!capture || !send || seen.has(send)) continue;
    if (!RECOGNISES.test(`${text}\n${addressOf(flow, send)}`) && !isLlmCall(flow, send)) continue;
    if (flow.moduleOf(send) !== module) continue;
    seen.add(send);
    if (LOOKS.test(text)) {
      context.pass(send.callee);
      continue;
    }
    const call = textOf(module, send.callee).replace(/\s+/g, '').slice(-40);
    if (tick.ms !== null && tick.ms > 0 && tick.ms < RARE)
      context.fail(send.callee, { message: 'rate', data: { call, rate: Math.round(60_000 / tick.ms) } });
    else context.fail(send.callee, { data: { call } });
  }
}

interface Tick {
  readonly body: Node;
  readonly ms: number | null;
}

/** What a timer runs again and again; null for one that runs once, or hardly ever. */
function tickOf(flow: Flow, call: Call): Tick | null {
  const name = lastName(call.callee);
  if (!/^(?:setInterval|useInterval|requestAnimationFrame|requestVideoFrameCallback|setTimeout)$/.test(name))
    return null;
  const given = call.args[0]?.value;
  if (!given) return null;
  const fn = flow.values(given).find((value) => value.kind === 'function');
  if (fn?.kind !== 'function') return null;
  const repeats = name === 'setInterval' || name === 'useInterval';
  // a `setTimeout` or frame that is asked for by what it runs
  if (!repeats && !reach(fn.function.body, flow).some((node) => contains(node, call))) return null;
  const every = repeats || name === 'setTimeout' ? call.args[1] : undefined;
  const ms = every ? flow.constant(every.value) : undefined;
  if (typeof ms === 'number' && ms >= RARE) return null;
  return { body: fn.function.body, ms: typeof ms === 'number' ? ms : null };
}

function contains(outer: Node, call: Call): boolean {
  return outer.start <= call.start && call.end <= outer.end;
}

/** Where it goes, as far as it is known: the URL of the call, or that of the socket. */
function addressOf(flow: Flow, send: Call): string {
  const sockets = send.callee.kind === 'member' ? flow.objects(send.callee.object) : [];
  return [send, ...sockets.map(({ origin }) => origin)]
    .flatMap((call) => (call?.args[0] ? flow.constants(call.args[0].value) : []))
    .join(' ');
}

const POSTS =
  /^(?:axios(?:\.\w+)*\.(?:post|put)|(?:ky|got)\.post|jquery\.(?:post|ajax)|globalThis\.\$\.(?:post|ajax))$/;

/** Whether the call sends something off. */
function sends(flow: Flow, call: Call): boolean {
  const names = flow.names(call);
  if (names.some((name) => POSTS.test(name)) || isLlmCall(flow, call)) return true;
  const name = lastName(call.callee);
  if (name === 'fetch' || names.includes('axios'))
    return /\bbody\b|method\s*:\s*['"]P|data\s*:/.test(textOf(flow.moduleOf(call), call));
  if (call.callee.kind !== 'member') return false;
  const receiver = textOf(flow.moduleOf(call), call.callee.object);
  if (name === 'emit' || name === 'send')
    return /socket|\bws\b|websocket|\bio\b|channel|connection/i.test(receiver);
  return name === 'post' && /axios|api|http|client/i.test(receiver);
}

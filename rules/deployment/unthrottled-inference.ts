import type { Flow } from '../../analysis/flow/types.ts';
import type { Call, Expr, FunctionNode, Module, Node } from '../../analysis/model.ts';
import {
  ancestors,
  contains,
  descendants,
  enclosingFunction,
  enclosingLoops,
  lastName,
} from '../../analysis/tree.ts';
import { textOf } from '../edits.ts';
import { defineRule, type Fix, type RuleContext } from '../rule.ts';
import { causesOf, isAside, isLocalInference } from '../semantics/javascript.ts';
import { statedInProgram } from '../semantics/memo.ts';

/** Milliseconds between two runs from which a timer counts as a rate that somebody chose. */
const CHOSEN_RATE = 100;
const hasTicks = statedInProgram((one) => TICKS.test(one.text));
const TICKS =
  /requestAnimationFrame|requestVideoFrameCallback|setInterval|useFrame|useInterval|useAnimationFrame|nextFrame/;
/** What a condition speaks of that lets only some frames through. */
const LIMITS =
  /time|now\b|elapsed|delta|last|fps|frame|interval|count|tick|rate|skip|every|%|changed|motion/i;
/** Flags that say that a round is under way, where the rounds themselves set them. */
const BUSY = /[\w$.]*(?:busy|processing|pending|detecting|predicting|inference)[\w$.]*/i;

export default defineRule({
  id: 'unthrottled-inference',
  phase: 'deployment',
  languages: ['typescript'],
  severity: 'information',
  status: 'stable',
  fix: 'suggested',
  impact: {
    resource: 'compute',
    band: 'high',
    source: {
      en: 'Work is proportional to the rate: 60 runs a second against 10, by counting.',
      fr: 'Le travail est proportionnel à la cadence : 60 exécutions par seconde contre 10, en comptant.',
    },
  },
  references: {
    course: [
      'La sobriété par l’usage : « fait exactement ce qu’il faut, quand il le faut, et seulement quand il le faut »',
    ],
    links: ['https://developer.mozilla.org/en-US/docs/Web/API/Window/requestAnimationFrame'],
  },
  libraries: [
    'tensorflow',
    'transformers',
    'onnxruntime',
    'ml5',
    'mediapipe',
    'face-api',
    'teachablemachine',
    'tf.',
    'faceapi',
    'tmImage',
    'cocoSsd',
    'bodyPix',
    'posenet',
  ],
  title: {
    en: 'Model run on every frame',
    fr: 'Modèle exécuté à chaque image',
  },
  what: {
    en: 'A loop of `requestAnimationFrame` or `tf.nextFrame()`, or a timer of less than 100 ms, that runs a model each time. Loops that compare clocks, count frames, skip while busy or wait in between are left alone.',
    fr: 'Une boucle `requestAnimationFrame` ou `tf.nextFrame()`, ou une minuterie de moins de 100 ms, qui exécute un modèle à chaque fois. Les boucles qui comparent l’heure, comptent les images, sautent quand elles sont occupées ou attendent ne sont pas visées.',
  },
  why: {
    en: 'Screens refresh 60 to 144 times a second, cameras give 30 images, and what people or objects do changes more slowly still. Ten runs a second are six times less work than sixty.',
    fr: 'Un écran se rafraîchit 60 à 144 fois par seconde, une caméra donne 30 images, et ce que font gens ou objets change plus lentement encore. Dix exécutions par seconde demandent six fois moins de travail que soixante.',
  },
  instead: {
    en: 'Choose the rate that the task needs, draw on every frame if you must and run the model on some; stop when the page is hidden. Ignore the rule where each frame counts, in games or music.',
    fr: 'Choisissez la cadence que la tâche demande, dessinez à chaque image s’il le faut et n’exécutez le modèle que sur certaines ; arrêtez quand la page est cachée. À ignorer si chaque image compte, dans un jeu ou en musique.',
  },
  messages: {
    default: {
      en: '`{call}` runs on every frame: give it a rate, such as 10 a second.',
      fr: '`{call}` s’exécute à chaque image : donnez-lui une cadence, par exemple 10 par seconde.',
    },
    interval: {
      en: '`{call}` runs every {ms} ms: give it a rate that the task needs, such as 10 a second.',
      fr: '`{call}` s’exécute toutes les {ms} ms : donnez-lui la cadence que la tâche demande, par exemple 10 par seconde.',
    },
  },
  on: { module: check },
  examples: {
    bad: [
      {
        file: 'useDetection.ts',
        code: "import type { ObjectDetection } from '@tensorflow-models/coco-ssd';\nimport { useCallback, useRef } from 'react';\n\nexport function useDetection(model: ObjectDetection, video: HTMLVideoElement) {\n  const isDetecting = useRef(false);\n  const detectFrame = useCallback(async () => {\n    if (!isDetecting.current) return;\n    draw(await model.detect(video));\n    requestAnimationFrame(detectFrame);\n  }, []);\n  const start = () => {\n    isDetecting.current = true;\n    detectFrame();\n  };\n  const stop = () => {\n    isDetecting.current = false;\n  };\n  return { start, stop };\n}\n",
        fixed:
          "import type { ObjectDetection } from '@tensorflow-models/coco-ssd';\nimport { useCallback, useRef } from 'react';\n\nexport function useDetection(model: ObjectDetection, video: HTMLVideoElement) {\n  const isDetecting = useRef(false);\n  const detectFrame = useCallback(async () => {\n    if (!isDetecting.current) return;\n    draw(await model.detect(video));\n    setTimeout(() => requestAnimationFrame(detectFrame), 100);\n  }, []);\n  const start = () => {\n    isDetecting.current = true;\n    detectFrame();\n  };\n  const stop = () => {\n    isDetecting.current = false;\n  };\n  return { start, stop };\n}\n",
        note: { en: 'A switch slows nothing down.', fr: 'Un interrupteur ne ralentit rien.' },
      },
      {
        file: 'Camera.tsx',
        code: "import * as cocoSsd from '@tensorflow-models/coco-ssd';\nimport { useCallback, useEffect, useRef, useState } from 'react';\n\nfunction useDetector() {\n  const [model, setModel] = useState<cocoSsd.ObjectDetection | null>(null);\n  useEffect(() => {\n    cocoSsd.load().then(setModel);\n  }, []);\n  const detect = useCallback(async (video: HTMLVideoElement) => {\n    if (!model) return [];\n    return await model.detect(video);\n  }, [model]);\n  return { detect };\n}\n\nexport function Camera() {\n  const video = useRef<HTMLVideoElement>(null);\n  const [boxes, setBoxes] = useState<unknown[]>([]);\n  const [isDetecting, setIsDetecting] = useState(true);\n  const { detect } = useDetector();\n  useEffect(() => {\n    if (!isDetecting) return;\n    const loop = async () => {\n      if (video.current) setBoxes(await detect(video.current));\n      requestAnimationFrame(loop);\n    };\n    loop();\n  }, [detect, isDetecting]);\n  return <video ref={video} onClick={() => setIsDetecting(!isDetecting)} title={String(boxes)} />;\n}\n",
        fixed:
          "import * as cocoSsd from '@tensorflow-models/coco-ssd';\nimport { useCallback, useEffect, useRef, useState } from 'react';\n\nfunction useDetector() {\n  const [model, setModel] = useState<cocoSsd.ObjectDetection | null>(null);\n  useEffect(() => {\n    cocoSsd.load().then(setModel);\n  }, []);\n  const detect = useCallback(async (video: HTMLVideoElement) => {\n    if (!model) return [];\n    return await model.detect(video);\n  }, [model]);\n  return { detect };\n}\n\nexport function Camera() {\n  const video = useRef<HTMLVideoElement>(null);\n  const [boxes, setBoxes] = useState<unknown[]>([]);\n  const [isDetecting, setIsDetecting] = useState(true);\n  const { detect } = useDetector();\n  useEffect(() => {\n    if (!isDetecting) return;\n    const loop = async () => {\n      if (video.current) setBoxes(await detect(video.current));\n      setTimeout(() => requestAnimationFrame(loop), 100);\n    };\n    loop();\n  }, [detect, isDetecting]);\n  return <video ref={video} onClick={() => setIsDetecting(!isDetecting)} title={String(boxes)} />;\n}\n",
        note: { en: 'Through a hook of one’s own.', fr: 'Par un hook maison.' },
      },
      {
        file: 'pose.js',
        code: "import * as poseDetection from '@tensorflow-models/pose-detection';\n\nconst video = document.querySelector('video');\nconst detector = await poseDetection.createDetector(poseDetection.SupportedModels.MoveNet);\n\nasync function loop() {\n  const poses = await detector.estimatePoses(video);\n  draw(poses);\n  requestAnimationFrame(loop);\n}\n\nloop();\n",
        fixed:
          "import * as poseDetection from '@tensorflow-models/pose-detection';\n\nconst video = document.querySelector('video');\nconst detector = await poseDetection.createDetector(poseDetection.SupportedModels.MoveNet);\n\nasync function loop() {\n  const poses = await detector.estimatePoses(video);\n  draw(poses);\n  setTimeout(() => requestAnimationFrame(loop), 100);\n}\n\nloop();\n",
      },
      {
        file: 'Detect.jsx',
        code: "import * as cocoSsd from '@tensorflow-models/coco-ssd';\nimport { useEffect, useRef } from 'react';\n\nexport function Detect() {\n  const video = useRef(null);\n  useEffect(() => {\n    cocoSsd.load().then((net) => {\n      setInterval(() => {\n        net.detect(video.current).then(draw);\n      }, 10);\n    });\n  }, []);\n  return <video ref={video} autoPlay />;\n}\n",
        fixed:
          "import * as cocoSsd from '@tensorflow-models/coco-ssd';\nimport { useEffect, useRef } from 'react';\n\nexport function Detect() {\n  const video = useRef(null);\n  useEffect(() => {\n    cocoSsd.load().then((net) => {\n      setInterval(() => {\n        net.detect(video.current).then(draw);\n      }, 100);\n    });\n  }, []);\n  return <video ref={video} autoPlay />;\n}\n",
      },
      {
        file: 'webcam.ts',
        code: "import * as tf from '@tensorflow/tfjs';\n\nlet model: tf.GraphModel;\n\nfunction classify(video: HTMLVideoElement) {\n  return tf.tidy(() => (model.predict(tf.browser.fromPixels(video).expandDims(0)) as tf.Tensor).dataSync());\n}\n\nfunction render(video: HTMLVideoElement) {\n  show(classify(video));\n  window.requestAnimationFrame(() => render(video));\n}\n\nexport async function start(video: HTMLVideoElement) {\n  model = await tf.loadGraphModel('/m/model.json');\n  render(video);\n}\n",
        fixed:
          "import * as tf from '@tensorflow/tfjs';\n\nlet model: tf.GraphModel;\n\nfunction classify(video: HTMLVideoElement) {\n  return tf.tidy(() => (model.predict(tf.browser.fromPixels(video).expandDims(0)) as tf.Tensor).dataSync());\n}\n\nfunction render(video: HTMLVideoElement) {\n  show(classify(video));\n  setTimeout(() => window.requestAnimationFrame(() => render(video)), 100);\n}\n\nexport async function start(video: HTMLVideoElement) {\n  model = await tf.loadGraphModel('/m/model.json');\n  render(video);\n}\n",
      },
      {
        file: 'webcam.js',
        code: "import * as tf from '@tensorflow/tfjs';\nimport * as mobilenet from '@tensorflow-models/mobilenet';\n\nexport async function watch(element) {\n  const net = await mobilenet.load();\n  const webcam = await tf.data.webcam(element);\n  while (true) {\n    const image = await webcam.capture();\n    show(await net.classify(image));\n    image.dispose();\n    await tf.nextFrame();\n  }\n}\n",
      },
      {
        file: 'Camera.jsx',
        code: "import * as mobilenet from '@tensorflow-models/mobilenet';\n\nconst net = await mobilenet.load();\n\nexport function onReady(images) {\n  const loop = async () => {\n    show(await net.classify(images.next().value));\n    requestAnimationFrame(loop);\n  };\n  setTimeout(() => {\n    loop();\n  }, 3000);\n}\n",
        fixed:
          "import * as mobilenet from '@tensorflow-models/mobilenet';\n\nconst net = await mobilenet.load();\n\nexport function onReady(images) {\n  const loop = async () => {\n    show(await net.classify(images.next().value));\n    setTimeout(() => requestAnimationFrame(loop), 100);\n  };\n  setTimeout(() => {\n    loop();\n  }, 3000);\n}\n",
        note: {
          en: 'The wait comes before the loop, not in it.',
          fr: 'L’attente précède la boucle, elle n’est pas dedans.',
        },
      },
    ],
    good: [
      {
        file: 'useFaces.ts',
        code: "import type { FaceLandmarker } from '@mediapipe/tasks-vision';\nimport { useRef } from 'react';\n\nexport function useFaces(tracker: FaceLandmarker, video: HTMLVideoElement) {\n  const isProcessing = useRef(false);\n  function loop() {\n    if (isProcessing.current) {\n      requestAnimationFrame(loop);\n      return;\n    }\n    isProcessing.current = true;\n    show(tracker.detectForVideo(video, performance.now()));\n    later(() => {\n      isProcessing.current = false;\n    });\n    requestAnimationFrame(loop);\n  }\n  return loop;\n}\n",
        note: { en: 'Rounds wait for the one before.', fr: 'Chaque tour attend le précédent.' },
      },
      {
        file: 'slow-webcam.js',
        code: "import * as tf from '@tensorflow/tfjs';\nimport * as mobilenet from '@tensorflow-models/mobilenet';\n\nexport async function watch(element) {\n  const net = await mobilenet.load();\n  const webcam = await tf.data.webcam(element);\n  while (true) {\n    const image = await webcam.capture();\n    show(await net.classify(image));\n    image.dispose();\n    await new Promise((go) => setTimeout(go, 200));\n    await tf.nextFrame();\n  }\n}\n\nexport async function write(model, seed, video) {\n  let text = seed;\n  while (text.length < 200) {\n    text += letter(model.predict(encode(text)));\n    await tf.nextFrame();\n  }\n  return text;\n}\n",
        note: {
          en: 'Five times a second; a text, not a film.',
          fr: 'Cinq fois par seconde ; un texte, pas un film.',
        },
      },
      {
        file: 'pose.js',
        code: "import * as poseDetection from '@tensorflow-models/pose-detection';\n\nconst detector = await poseDetection.createDetector(poseDetection.SupportedModels.MoveNet);\nlet last = 0;\n\nasync function loop(now) {\n  if (now - last > 100) {\n    last = now;\n    draw(await detector.estimatePoses(video));\n  }\n  requestAnimationFrame(loop);\n}\n\nrequestAnimationFrame(loop);\n",
        note: { en: 'A clock.', fr: 'Une horloge.' },
      },
      {
        file: 'watch.js',
        code: "import * as cocoSsd from '@tensorflow-models/coco-ssd';\n\nconst net = await cocoSsd.load();\nsetInterval(async () => show(await net.detect(video)), 1000);\n",
        note: { en: 'A rate.', fr: 'Une cadence.' },
      },
      {
        file: 'click.js',
        code: "import * as cocoSsd from '@tensorflow-models/coco-ssd';\n\nconst net = await cocoSsd.load();\nbutton.addEventListener('click', () => {\n  spinner.hidden = false;\n  requestAnimationFrame(async () => show(await net.detect(photo)));\n});\n",
        note: { en: 'One frame after a click, no loop.', fr: 'Une image après un clic, pas de boucle.' },
      },
      {
        file: 'draw.js',
        code: "import * as cocoSsd from '@tensorflow-models/coco-ssd';\n\nconst net = await cocoSsd.load();\nlet boxes = [];\nbutton.onclick = async () => {\n  boxes = await net.detect(video);\n};\nfunction draw() {\n  paint(boxes);\n  requestAnimationFrame(draw);\n}\ndraw();\n",
        note: { en: 'Only drawing runs on every frame.', fr: 'Seul le dessin suit chaque image.' },
      },
      {
        file: 'busy.js',
        code: "import * as cocoSsd from '@tensorflow-models/coco-ssd';\n\nconst net = await cocoSsd.load();\nlet frames = 0;\nfunction loop() {\n  if (frames++ % 6 === 0) net.detect(video).then(show);\n  requestAnimationFrame(loop);\n}\nloop();\n",
      },
    ],
  },
});

function check(module: Module, context: RuleContext): void {
  const { flow } = context;
  if (module.language !== 'typescript' || isAside(module)) return;
  if (!hasTicks(module, flow)) return;
  const seen = new Set<Call>();
  for (const call of module.calls) {
    if (!isLocalInference(flow, call)) continue;
    const tick = tickOfLoop(call, flow);
    if (tick && !seen.has(tick)) {
      seen.add(tick);
      const place =
        call.callee.kind === 'member'
          ? { start: call.callee.propertyStart, end: call.callee.end }
          : call.callee;
      if (isLimited(call, tick, flow)) context.pass(place);
      else context.fail(place, { data: { call: shortName(module, call) } });
    }
    for (const cause of causesOf(flow, call)) {
      if (cause.by !== 'frame' && cause.by !== 'interval') continue;
      if (seen.has(cause.call)) continue;
      const place =
        call.callee.kind === 'member'
          ? { start: call.callee.propertyStart, end: call.callee.end }
          : call.callee;
      const name = shortName(module, call);
      if (cause.by === 'interval') {
        const ms = cause.call.args[1] && flow.constant(cause.call.args[1].value);
        if (typeof ms !== 'number' || !Number.isInteger(ms)) continue; // a computed one is a clock of its own
        seen.add(cause.call);
        if (ms >= CHOSEN_RATE || isLimited(call, cause.call, flow)) context.pass(place);
        else
          context.fail(place, {
            message: 'interval',
            data: { call: name, ms },
            fixes: slower(cause.call, module, flow),
          });
      } else if (isLoop(cause.call, flow)) {
        seen.add(cause.call);
        if (isLimited(call, cause.call, flow)) context.pass(place);
        else context.fail(place, { data: { call: name }, fixes: spaced(cause.call, module, flow) });
      }
    }
  }
}

/** `while (true) { …; await tf.nextFrame(); }` over a camera: the call that waits for the next frame. */
function tickOfLoop(run: Call, flow: Flow): Call | null {
  const fn = enclosingFunction(run);
  for (const place of [run, ...(fn ? flow.callers(fn) : [])]) {
    const { text } = flow.moduleOf(place);
    for (const loop of enclosingLoops(place)) {
      if (loop.kind !== 'while' || (loop.test && !isFlag(loop.test))) continue;
      if (!/webcam|camera|video|capture|fromPixels/i.test(text.slice(loop.start, loop.end))) continue;
      const tick = descendants(loop.body, 'call', true).find((call) =>
        flow.names(call).includes('tfjs.nextFrame'),
      );
      if (tick) return tick;
    }
  }
  return null;
}

/** A condition that counts nothing: `true`, `this.playing && ready`. */
function isFlag(test: Expr): boolean {
  if (test.kind === 'binary')
    return /^(?:and|or)$/.test(test.operator) && isFlag(test.left) && isFlag(test.right);
  if (test.kind === 'unary') return isFlag(test.operand);
  return test.kind === 'name' || test.kind === 'member' || test.kind === 'literal';
}

function shortName(module: Module, call: Call): string {
  const text = textOf(module, call.callee).replace(/\s+/g, '');
  return text.length <= 40 ? text : text.slice(text.lastIndexOf('.') + 1);
}

/** Whether what is asked for the next frame asks for the one after. */
function isLoop(request: Call, flow: Flow): boolean {
  if (/(?:^|\.)use(?:Frame|AnimationFrame)$/.test(flow.names(request)[0] ?? '')) return true;
  const given = request.args[0];
  if (!given) return false;
  const seen = new Set<FunctionNode>();
  const reaches = (fn: FunctionNode, depth: number): boolean => {
    if (contains(fn.body, request) && !(fn === given.value)) return true;
    if (seen.has(fn) || depth > 3) return false;
    seen.add(fn);
    return descendants(fn.body, 'call').some((call) =>
      flow.targets(call).some((one) => reaches(one, depth + 1)),
    );
  };
  const plain =
    given.value.kind === 'call' &&
    given.value.callee.kind === 'member' &&
    given.value.callee.property === 'bind'
      ? given.value.callee.object
      : given.value;
  return flow.values(plain).some((value) => value.kind === 'function' && reaches(value.function, 0));
}

/** Whether a condition, a wait or a helper lets only some rounds through. */
function isLimited(run: Call, request: Call, flow: Flow): boolean {
  const functions = new Set<FunctionNode>();
  const round = enclosingFunction(request);
  const ticked = request.args.slice(0, 1).flatMap(({ value }) => flow.values(value));
  const rounds = [
    round,
    enclosingFunction(run),
    ...ticked.map((value) => (value.kind === 'function' ? value.function : null)),
  ].filter((fn) => fn !== null);
  for (const start of [run, request] as Node[]) {
    const fn = enclosingFunction(start);
    if (!fn) continue;
    functions.add(fn);
    for (const call of flow.callers(fn)) {
      const caller = enclosingFunction(call);
      if (caller) functions.add(caller);
    }
    // an inline callback belongs to the function around it
    for (const parent of ancestors(fn)) if (parent.kind === 'function') functions.add(parent);
  }
  for (const fn of functions) {
    if (fn.body.end - fn.body.start > 6000 && !contains(fn, run)) continue;
    const module = flow.moduleOf(fn);
    // a film that is processed and recorded wants each of its frames
    if (/mediaRecorder/i.test(textOf(module, fn))) return true;
    for (const call of waitsOf(fn)) {
      if (
        /(?:^|\.)(?:setTimeout|sleep|delay|wait|throttle\w*|debounce\w*)$/.test(
          textOf(module, call.callee),
        ) &&
        !(round && onlyStarts(call, round, run, flow))
      )
        return true;
    }
    for (const test of descendants(fn.body, 'if', true)) {
      if (enclosingFunction(test) === fn && isEffect(fn)) continue;
      const guards = contains(test, run) || descendants(test.then, 'return', true).length > 0;
      const asked = textOf(module, test.test);
      if (guards && isComparison(asked) && (LIMITS.test(asked) || isBusy(asked, rounds, flow))) return true;
    }
  }
  return false;
}

/** Whether the test asks for a flag that the rounds set; one that a button sets switches the whole loop. */
function isBusy(asked: string, rounds: readonly FunctionNode[], flow: Flow): boolean {
  const flag = BUSY.exec(asked)?.[0];
  if (!flag) return false;
  const name = flag.replace(/\.(?:current|value)$/, '');
  const setter = `set${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return rounds.some((fn) => {
    const module = flow.moduleOf(fn);
    return (
      descendants(fn.body, 'assign').some(({ targets }) =>
        targets.some((target) => textOf(module, target) === flag),
      ) || descendants(fn.body, 'call').some(({ callee }) => textOf(module, callee) === setter)
    );
  });
}

/** What an effect asks at its head, it asks once: `if (!isDetecting) return;` before the loop begins. */
function isEffect(fn: FunctionNode): boolean {
  const call = fn.parent?.kind === 'argument' ? fn.parent.parent : null;
  return (
    call?.kind === 'call' &&
    /^(?:use(?:Layout)?Effect|onMount(?:ed)?|watchEffect)$/.test(lastName(call.callee))
  );
}

/** The function's own calls, and those of `new Promise((go) => setTimeout(go, 100))`, which it awaits. */
function waitsOf(fn: FunctionNode): readonly Call[] {
  return descendants(fn.body, 'call').filter((call) => {
    const own = enclosingFunction(call);
    if (own === fn || own?.parent?.kind !== 'argument') return own === fn;
    const made = own.parent.parent;
    return made?.kind === 'call' && lastName(made.callee) === 'Promise' && enclosingFunction(made) === fn;
  });
}

/** A wait before the first round: `setTimeout(() => loop(), 3000)`, outside the loop itself. */
function onlyStarts(wait: Call, round: FunctionNode, run: Call, flow: Flow): boolean {
  const own = enclosingFunction(run);
  if (contains(round, wait) || (own && contains(own, wait))) return false;
  const later = wait.args[0]?.value;
  if (!later || contains(later, run) || contains(later, round)) return false;
  return flow
    .values(later)
    .some(
      (value) =>
        value.kind === 'function' &&
        (value.function === round ||
          descendants(value.function.body, 'call').some((call) => flow.targets(call).includes(round))),
    );
}

/** `model && video.readyState === 4` asks whether there is something to do; `now - last > 100` whether it is time. */
function isComparison(text: string): boolean {
  return !/^[^<>%]*readyState[^<>%]*$/.test(text);
}

/** A pause before the next frame is asked for. */
function spaced(request: Call, module: Module, flow: Flow): Fix[] {
  if (flow.moduleOf(request) !== module || request.parent?.kind !== 'expression') return [];
  return [
    {
      title: { en: 'Run it 10 times a second at most', fr: 'L’exécuter au plus 10 fois par seconde' },
      edits: () => [
        { start: request.start, end: request.start, text: 'setTimeout(() => ' },
        { start: request.end, end: request.end, text: ', 100)' },
      ],
    },
  ];
}

function slower(request: Call, module: Module, flow: Flow): Fix[] {
  const every = request.args[1]?.value;
  if (flow.moduleOf(request) !== module || every?.kind !== 'literal') return [];
  return [
    {
      title: { en: 'Run it 10 times a second', fr: 'L’exécuter 10 fois par seconde' },
      edits: () => [{ start: every.start, end: every.end, text: '100' }],
    },
  ];
}

import { expect, test } from 'vitest';
import { linkModule } from '../link.ts';
import { Project } from '../program/project.ts';
import { createTypeScriptFrontEnd } from '../typescript/front-end.ts';

const frontEnd = createTypeScriptFrontEnd();

/** Canonical names of the call that starts with `text`. */
function names(source: string, text: string): readonly string[] {
  const project = new Project('/workspace');
  project.set(linkModule('/workspace/main.ts', frontEnd.parse('/workspace/main.ts', source)));
  const module = project.get('/workspace/main.ts');
  const call = module?.calls.find((one) => source.slice(one.start, one.end).startsWith(text));
  if (!call) throw new Error(`no call starts with ${text}`);
  return project.flow().names(call);
}

const IMPORT = "import * as tf from '@tensorflow/tfjs';\n";

test('a variable that another function fills', () => {
  const source = `${IMPORT}let model;\nasync function load() { model = await tf.loadGraphModel('m'); }\nfunction run(x) { return model.predict(x); }\n`;
  expect(names(source, 'model.predict')).toEqual(['tfjs.GraphModel.predict']);
});

test('a local variable of the same name is another one', () => {
  const source = `${IMPORT}let model;\nasync function load() { let model; model = await tf.loadGraphModel('m'); }\nfunction run(x) { return model.predict(x); }\n`;
  expect(names(source, 'model.predict')).toEqual(['?.predict']);
});

test('what a promise holds', () => {
  expect(names(`${IMPORT}tf.loadGraphModel('m').then((m) => m.predict(1));`, 'm.predict')).toEqual([
    'tfjs.GraphModel.predict',
  ]);
});

test('React state holds what its setter is given', () => {
  const source = `${IMPORT}import { useState } from 'react';\nfunction App() {\n  const [model, setModel] = useState(null);\n  tf.loadGraphModel('m').then((m) => setModel(m));\n  return () => model.predict(1);\n}\n`;
  expect(names(source, 'model.predict')).toEqual(['tfjs.GraphModel.predict']);
});

test.each([
  [
    "import { openai } from '@llamaindex/openai';\nopenai({ model: 'gpt-4o' });\n",
    'openai(',
    'llama_index.openai',
  ],
  [
    "import { initChatModel } from 'langchain/chat_models/universal';\nawait initChatModel('gpt-4o');\n",
    'initChatModel(',
    'langchain.initChatModel',
  ],
])('a function that a package exports is not the package', (source, text, name) => {
  expect(names(source, text)).toContain(name);
});

test('a field that holds a function is a method to `this`, and no variable outside', () => {
  const source = `${IMPORT}class Watch {\n  async start() { this.look(await tf.loadGraphModel('m')); }\n  look = (model) => { model.predict(1); };\n}\n`;
  expect(names(source, 'model.predict')).toEqual(['tfjs.GraphModel.predict']);
  expect(
    names(`${IMPORT}class A { model = tf.sequential(); }\nmodel.predict(1);\n`, 'model.predict'),
  ).not.toContain('tfjs.Sequential.predict');
});

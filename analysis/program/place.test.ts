import { expect, test } from 'vitest';
import { linkModule } from '../link.ts';
import { createTypeScriptFrontEnd } from '../typescript/front-end.ts';
import { placeOf } from './place.ts';
import { Project } from './project.ts';

test('folders above the workspace are no part of a file’s place', () => {
  const path = '/home/test/build/app/src/main.ts';
  const module = linkModule(path, createTypeScriptFrontEnd().parse(path, 'run();\n'));
  expect(placeOf(module)).toBe(path);
  new Project('/home/test/build/app').set(module);
  expect(placeOf(module)).toBe('src/main.ts');
});

import { expect, it } from 'vitest';
import { analyse } from '../../analysis/testing.ts';
import { fileName } from './files.ts';

/** The file name that `load(…)`'s argument tells. */
function loaded(source: string): string | null {
  const { flow, call } = analyse(source);
  const argument = call('load(').args[0];
  if (!argument) throw new Error('load() without an argument');
  return fileName(flow, argument.value);
}

it.each([
  ['load("models/net.H5")', 'net.h5'],
  ['import os\nload(os.path.join(base, "net.h5"))', 'net.h5'],
  ['from pathlib import Path\nload(Path("models") / "net.h5")', 'net.h5'],
  ['PATH = "models/net.h5"\nload(PATH)', 'net.h5'],
  ['load(f"{folder}/net.h5")', 'net.h5'],
  ['load(folder + "/net.h5")', 'net.h5'],
  ['load(f"net_{epoch}.h5")', null],
  ['load(folder + "net.h5")', null],
  ['load("saved_model")', null],
  ['PATH = "a.h5" if big else "b.h5"\nload(PATH)', null],
  ['load(unknown)', null],
])('%s', (source, expected) => {
  expect(loaded(source)).toBe(expected);
});

import { expect, it } from 'vitest';
import { analyse } from '../../analysis/testing.ts';
import { meetings } from './order.ts';

/** Texts of the two places seen from where both are led to. */
function met(source: string): string[] {
  const { flow, call } = analyse(source);
  const first = call('prune(');
  const second = call('save(');
  const { text } = flow.moduleOf(first);
  return meetings(first, second, flow).map((one) =>
    [one.first, one.second].map((node) => text.slice(node.start, node.end)).join(' then '),
  );
}

it('sees two calls of one function as they are', () => {
  expect(met('prune(m)\nsave(m)')).toEqual(['prune(m) then save(m)']);
});

it('climbs out of helpers to where both are called', () => {
  expect(
    met('def cut(m):\n  prune(m)\n\ndef keep(m):\n  save(m)\n\ndef main():\n  cut(1)\n  keep(1)\n\nmain()'),
  ).toEqual(['cut(1) then keep(1)']);
});

it('finds no order between functions that nothing calls', () => {
  expect(met('def cut(m):\n  prune(m)\n\ndef keep(m):\n  save(m)')).toEqual([]);
});

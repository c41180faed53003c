/** `frugal estimate`, `emissions` and `checklist`, and the command in French, as a user meets them. */
import { describe, expect, test } from 'vitest';
import { CODECARBON_3, ZEUS } from '../engine/emissions/fixtures.ts';
import { Command } from './testing.ts';

const command = new Command();
const frugal = (...args: string[]) => command.run(args);
const french = (...args: string[]) => command.run(args, { env: { LANG: 'fr_FR.UTF-8' } });

describe('estimate', () => {
  test('a model, an answer, a region; in words and as JSON', () => {
    const run = frugal('estimate', 'gpt-4o', '--tokens', '400', '--region', 'eu-west-3');
    expect(run).toMatchObject({ code: 0, error: '' });
    expect(run.out).toContain('Energy: **0.85–1.5 Wh**');
    // On a terminal, Markdown is rendered, in lists too.
    const shown = command.run(['estimate', 'gpt-4o', '--tokens', '400'], { env: { FORCE_COLOR: '1' } }).out;
    expect(shown).toContain('0.85–1.5 Wh');
    expect(shown).not.toMatch(/\*\*|`/);
    const json = JSON.parse(frugal('estimate', 'gpt-4o', '--tokens', '400', '--format', 'json').out);
    expect(json.answer.energy.min).toBeCloseTo(0.85014, 4);
    expect(json).toMatchObject({ place: null, answer: { missing: ['region'] } });
    expect(french('estimate', 'gpt-4o', '--tokens', '400').out).toContain('Énergie : **0,85–1,5 Wh**');
  });

  test('rows of the configuration', () => {
    command.write(
      'frugal.json',
      '{ "region": "cellar", "regions": { "cellar": { "intensity": 10, "pue": 1 } }, "models": { "ours": { "parameters": 8e9 } } }',
    );
    const { answer } = JSON.parse(frugal('estimate', 'ours', '--tokens', '10', '--format', 'json').out);
    expect(answer).toMatchObject({ missing: [], use: [{ basis: 'stated', value: 10 }] });
    expect(answer.use[0].emissions.max).toBeCloseTo(answer.energy.max / 100, 12);
  });

  test('a model that writes no text has no figure for an answer, and it says so', () => {
    expect(frugal('estimate', 'bert-base-uncased', '--tokens', '9').out).toContain('No figure for one run');
  });

  test('what is unknown: exit 2, and how to state it', () => {
    expect(frugal('estimate', 'no-such-model')).toMatchObject({
      code: 2,
      error: expect.stringContaining('"no-such-model": { "parameters": 7e9 }'),
    });
    expect(frugal('estimate', 'gpt-4o', '--region', 'moon')).toMatchObject({
      code: 2,
      error: expect.stringContaining('"moon": { "intensity": 50 }'),
    });
    for (const tokens of ['0', '-3', 'x', '1.5'])
      expect(frugal('estimate', 'gpt-4o', `--tokens=${tokens}`).code).toBe(2);
  });
});

describe('emissions', () => {
  test('runs, sums of like with like, and trackers without output', () => {
    command.write('emissions.csv', CODECARBON_3);
    command.write('out/zeus.csv', ZEUS);
    command.write(
      'train.py',
      "import torch\nfrom carbontracker.tracker import CarbonTracker\nt = CarbonTracker(epochs=3, log_dir='x')\n",
    );
    const run = frugal('emissions');
    expect(run).toMatchObject({ code: 0, error: '' });
    expect(run.out).toMatch(/2026-04-01 10:01 +CodeCarbon +leaf +2 min +0\.023/);
    expect(run.out).toContain('CodeCarbon: 2 runs, 0.0287 kWh, 2.5 gCO2e');
    expect(run.out).toContain('Zeus: 1 run, 3 kWh\n');
    expect(run.out).toContain('train.py:3: Carbontracker is called here, but none of its output');
    expect(french('emissions').out).toContain('CodeCarbon : 2 exécutions, 0,0287 kWh, 2,5 gCO2e');
    const json = JSON.parse(frugal('emissions', '.', '--format', 'json').out);
    expect(json.runs.map((one: { tool: string }) => one.tool)).toEqual(['zeus', 'codecarbon', 'codecarbon']);
    expect(json.trackers).toMatchObject([{ path: 'train.py', line: 3, state: 'missing' }]);
  });

  test('hostile cells do not reach the terminal', () => {
    command.write('emissions.csv', CODECARBON_3.replace(',leaf,r2', ',\u001b[31m=cmd()\u202e,r2'));
    const run = frugal('emissions');
    expect(run.out).toContain('\\x1b[31m=cmd()\\u202e');
    expect(run.out).not.toContain('\u001b');
  });

  test('one file, an empty folder, nothing at all', () => {
    command.write('logs/run.csv', ZEUS);
    expect(frugal('emissions', 'logs/run.csv').out).toContain('Zeus');
    expect(frugal('emissions', 'none')).toMatchObject({
      code: 2,
      error: 'error: none: no such file or folder\n',
    });
    command.write('empty/a.txt', '');
    expect(frugal('emissions', 'empty')).toMatchObject({
      code: 0,
      out: expect.stringContaining('No measured run'),
    });
    command.write('bad/emissions.csv', 'nothing of the kind');
    expect(frugal('emissions', 'bad/emissions.csv').error).toContain('not a log of a tracker');
  });
});

describe('checklist', () => {
  test('is made on request, never over another, and is shown', () => {
    expect(frugal('checklist').out).toContain('`frugal checklist --init` creates it');
    expect(french('checklist', '--init').out).toContain('FRUGAL.md créé');
    const made = command.read('FRUGAL.md');
    expect(made).toContain('Le recours à l’IA est justifié');
    expect(frugal('checklist', '--init')).toMatchObject({
      code: 2,
      error: expect.stringContaining('stays as it is'),
    });
    expect(command.read('FRUGAL.md')).toBe(made);
    expect(frugal('checklist').out).toMatch(/Checklist: 0 of \d+ items ticked/);
  });

  test('an item is ticked; every other byte stays', () => {
    const before = '\ufeff# ours\r\n\r\n- [ ] Need? <!-- frugal:need -->\r\n  - Who:\r\n\r\nété\r\n';
    command.write('FRUGAL.md', before);
    const run = frugal('checklist', '--tick', 'need', '--who', 'Ada', '--when', '2026-11-22');
    expect(run.out).toContain('Ada, 2026-11-22');
    expect(command.read('FRUGAL.md')).toBe(
      before.replace('[ ]', '[x]').replace('  - Who:', '  - Who: Ada\r\n  - When: 2026-11-22'),
    );
    expect(frugal('checklist', '--tick', 'neeed')).toMatchObject({
      code: 2,
      error: expect.stringContaining('did you mean "need"'),
    });
    expect(JSON.parse(frugal('checklist', '--format', 'json').out)).toMatchObject({
      exists: true,
      done: 1,
      total: 1,
    });
    expect(frugal('checklist', '--untick', 'need').code).toBe(0);
    expect(command.read('FRUGAL.md')).toContain('- [ ] Need?');
  });
});

describe('report', () => {
  test('one file, its form by its name; exit 0 whatever was found', () => {
    command.write(
      'train.py',
      'import torch\nfrom transformers import AutoModel\nm = AutoModel.from_pretrained("bert-large-uncased")\nm.train()\nfor x in torch.load("x.pt"):\n    print(m(x).logits.argmax())\n',
    );
    command.write('emissions.csv', CODECARBON_3);
    frugal('checklist', '--init');
    for (const name of ['r.html', 'r.md', 'r.json']) {
      expect(frugal('report', '-o', name)).toMatchObject({
        code: 0,
        out: '',
        error: `Report written: ${name}\n`,
      });
    }
    expect(command.read('r.html')).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(command.read('r.md')).toMatch(/^# Eco-design report: /);
    const json = JSON.parse(command.read('r.json'));
    expect(json).toMatchObject({ checklist: { done: 0 }, runs: [{ id: 'r1' }, { id: 'r2' }], trackers: [] });
    expect(json.findings.map((one: { rule: string }) => one.rule)).not.toEqual([]);
    expect(french('report', '--format', 'markdown').out).toContain('## Méthode et sources');
  });

  test('of a folder: its own runs, its checklist or the nearest above', () => {
    command.write('frugal.json', '{}');
    command.write('one/train.py', 'import torch\nx = torch.zeros(3)\n');
    command.write('one/emissions.csv', CODECARBON_3);
    command.write('two/train.py', 'import torch\nx = torch.zeros(3)\n');
    frugal('checklist', '--init');
    const of = (...words: string[]) => JSON.parse(frugal('report', '--format', 'json', ...words).out);
    expect(of('one')).toMatchObject({
      project: 'one',
      runs: [{ id: 'r1' }, { id: 'r2' }],
      checklist: { done: 0 },
    });
    expect(of('two')).toMatchObject({ project: 'two', runs: [], checklist: { done: 0 } });
    expect(of('.').runs).toHaveLength(2);
    expect(of('one', 'two/train.py').runs).toHaveLength(2);
  });

  test('what cannot be read or written: exit 2', () => {
    expect(frugal('report', 'none')).toMatchObject({ code: 2, out: '' });
    expect(frugal('report', '-o', 'no/such/folder/r.html').code).toBe(2);
  });

  test('an empty folder has a report too', () => {
    const run = frugal('report', '--format', 'json');
    expect(run.code).toBe(0);
    expect(JSON.parse(run.out)).toMatchObject({ score: null, checklist: null, runs: [], findings: [] });
  });
});

describe('in French', () => {
  test('help, summary and errors', () => {
    const help = french('check', '--help').out;
    expect(help).toMatch(/^Utilisation : frugal check/);
    expect(help).toContain('Options générales :');
    expect(help).toContain('forme du résultat (choix : text, json, par défaut :');
    expect(french('--help').out).toContain('Codes de sortie');
    command.write('a.py', 'import torch\nx = 1\n');
    expect(french('check').out).toContain(
      'Aucun gaspillage trouvé (1 fichier ML analysé, 0 sans code ML passé).',
    );
    expect(french('chek').error).toBe('erreur : commande inconnue chek\n(Vouliez-vous dire check ?)\n');
    expect(french('check', '--format', 'xml').error).toContain(
      'erreur : valeur xml invalide pour l’option --format <format>. Les choix possibles sont text, json.',
    );
    expect(french('explain', 'no').error).toContain('erreur : règle inconnue « no »');
    expect(frugal('chek').error).toContain("error: unknown command 'chek'");
  });

  test('because the configuration says so', () => {
    command.write('frugal.json', '{ "language": "fr" }');
    expect(frugal('--help').out).toContain('Commandes :');
    expect(frugal('rules', '--language', 'en').out).toContain('Design:');
    command.write('frugal.json', '{ broken');
    expect(frugal('--help').out).toContain('Commands:');
  });
});

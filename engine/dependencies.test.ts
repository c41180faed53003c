import { expect, test } from 'vitest';
import { DependencyLoader, dependenciesIn, isManifest, normalizePackage } from './dependencies.ts';
import { MemoryFileSystem } from './memory-file-system.ts';

test.each([
  [
    'requirements.txt',
    '# comment\ntorch==2.1\nScikit_Learn[extra] >= 1 ; python_version > "3"\n-r other.txt\n--index-url https://x\nnumpy # note\n',
    ['torch', 'scikit-learn', 'numpy'],
  ],
  [
    'pyproject.toml',
    '[project]\ndependencies = ["torch>=2", "codecarbon"]\n[project.optional-dependencies]\ndev = ["pytest"]\n[dependency-groups]\ntest = ["ruff", {include-group = "x"}]\n[tool.uv]\ndev-dependencies = ["mypy"]\n',
    ['torch', 'codecarbon', 'pytest', 'ruff', 'mypy'],
  ],
  [
    'pyproject.toml',
    '[tool.poetry.dependencies]\npython = "^3.10"\nTorch = "^2"\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n',
    ['python', 'torch', 'pytest'],
  ],
  ['Pipfile', '[packages]\ntorch = "*"\n[dev-packages]\npytest = "*"\n', ['torch', 'pytest']],
  [
    'environment.yml',
    'name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.10\n  - conda-forge::pytorch\n  - pip:\n      - "codecarbon>=2"\n',
    ['conda-forge', 'python', 'pytorch', 'pip', 'codecarbon'],
  ],
  [
    'package.json',
    '{ "dependencies": { "@huggingface/transformers": "3" }, "devDependencies": { "vitest": "1" } }',
    ['@huggingface/transformers', 'vitest'],
  ],
  ['package.json', '[1, "x"]', []],
  ['pyproject.toml', 'broken = [', []],
])('%s: %j', (name, text, expected) => {
  expect(dependenciesIn(`/w/${name}`, text)).toEqual(expected);
});

test('setup.py and setup.cfg', () => {
  expect(dependenciesIn('/w/setup.py', 'setup(install_requires=[\'torch>=1\', "codecarbon"])')).toEqual(
    expect.arrayContaining(['torch', 'codecarbon']),
  );
  expect(
    dependenciesIn('/w/setup.cfg', '[options]\ninstall_requires =\n    torch>=1\n    codecarbon\n'),
  ).toEqual(expect.arrayContaining(['torch', 'codecarbon']));
});

test('manifests of the folder and of those above it', async () => {
  const fileSystem = new MemoryFileSystem({
    '/w/requirements.txt': 'torch\n',
    '/w/requirements/dev.txt': 'pytest\n',
    '/w/app/requirements-gpu.txt': 'codecarbon\n',
    '/w/other/requirements.txt': 'zeus\n',
    '/requirements.txt': 'outside\n',
  });
  expect([...(await new DependencyLoader(fileSystem).load('/w/app/deep', '/w'))].sort()).toEqual([
    'codecarbon',
    'pytest',
    'torch',
  ]);
});

test('names', () => {
  expect(normalizePackage('Scikit_Learn.x')).toBe('scikit-learn-x');
  expect(['/w/dev-requirements.txt', '/w/setup.py', '/w/a.py', '/w/notes.txt'].filter(isManifest)).toEqual([
    '/w/dev-requirements.txt',
    '/w/setup.py',
  ]);
});

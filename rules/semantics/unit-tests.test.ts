import { expect, test } from 'vitest';
import { analyse } from '../../analysis/testing.ts';
import { isTestCode, isUnitTest } from './unit-tests.ts';

function moduleAt(path: string, text: string) {
  const module = analyse('', { [path]: text }).project.get(`/workspace/${path}`);
  if (!module) throw new Error(path);
  return module;
}

const TEST = 'def test_shape():\n    assert net(x).shape == (1, 10)\n';
const CODE = 'def train(net):\n    net.fit(x, y)\n';

test.each([
  ['test_net.py', TEST, true],
  ['tests/shapes.py', `import pytest\n${CODE}`, true],
  ['conftest.py', 'x = 1\n', true],
  [
    'shapes.py',
    `import unittest\n\nclass Shapes(unittest.TestCase):\n    def test_it(self):\n        pass\n`,
    true,
  ],
  // a project's own evaluation goes by such names as well
  ['test.py', `net.load("net.pt")\n${CODE}`, false],
  ['tests/test_depths.py', 'for depth in range(9):\n    train(depth)\n', false],
  // a course's template keeps the tests of a file at its end
  ['train.py', `${CODE}\nimport pytest\n\n@pytest.fixture\ndef net():\n    return 1\n\n${TEST}`, false],
  ['manage.py', 'import unittest\n\ndef run():\n    unittest.main()\n', false],
  ['patch.py', 'from unittest import mock\n\nclass Patched:\n    pass\n', false],
])('%s: %j', (path, text, expected) => {
  expect(isUnitTest(moduleAt(path, text))).toBe(expected);
});

test('a test beside the code is one, the code is none', () => {
  const text = `import pytest\n\n${CODE}\n@pytest.fixture\ndef made():\n    return 1\n\n${TEST}`;
  const module = moduleAt('train.py', text);
  const at = (part: string) => {
    const start = text.indexOf(part);
    return isTestCode(module, { start, end: start + part.length });
  };
  expect(['net.fit', 'return 1', 'net(x)'].map(at)).toEqual([false, true, true]);
});

/** What the message says a hand-written loop trains with. */
import { expect, test } from 'vitest';
import { frontEnds } from '../../cli/assets.ts';
import { lintExample } from '../../engine/rule-tester.ts';
import rule from './training-without-tracker.ts';

const LOOP = `
for epoch in range(20):
    for x, y in batches:
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
`;

test.each([
  ['import torch\nfrom torch import nn\n', 'PyTorch'],
  ['from mxnet import autograd, gluon\nimport mxnet as mx\n# not torch\n', 'MXNet'],
  ['import numpy as np\nfrom layers import net, criterion, optimizer  # with lightning speed\n', 'NumPy'],
])('after %j it is %s', async (imports, framework) => {
  const { findings } = await lintExample(rule, { code: imports + LOOP }, frontEnds);
  expect(findings.map(({ message }) => message)).toEqual([
    `This program trains with ${framework}, and nothing measures its energy or emissions.`,
  ]);
});

/** What the two rules on gradients at inference share: they differ in where the inference stands. */
import type { Module } from '../../analysis/model.ts';
import { textOf } from '../edits.ts';
import type { Fix, RuleContext } from '../rule.ts';
import { gradientEdits, gradientHeader, jointEdits, torchName } from './inference-edits.ts';
import { gradientSites, modeSites, type Region } from './inference-regions.ts';
import { isInsideTraining } from './torch-training.ts';

/** Reports the module's inference that stands where `isInTraining` says: between training steps, or not. */
export function reportGradients(module: Module, context: RuleContext, isInTraining: boolean): void {
  const { flow } = context;
  const sites = gradientSites(flow, module);
  for (const { call, model } of sites.protected)
    if (isInsideTraining(flow, call) === isInTraining) context.pass(model);
  for (const region of sites.regions) {
    const [first] = region.forwards;
    if (!first || region.isInTraining !== isInTraining) continue;
    const model = textOf(module, first.model);
    context.fail(first.model, {
      data: { model: model.length > 60 ? 'model' : model },
      fixes: fixesFor(module, context, region),
    });
  }
}

function fixesFor(module: Module, { flow }: RuleContext, region: Region): readonly Fix[] {
  const header = gradientHeader(flow, module, region);
  const { imports } = torchName(module);
  if (gradientEdits(module, region, header).length === 0) return [];
  const fixes: Fix[] = [
    {
      title: { en: `Put it under ${header.slice(0, -1)}`, fr: `Mettre sous ${header.slice(0, -1)}` },
      imports,
      edits: () => gradientEdits(module, region, header),
    },
  ];
  const gap = modeSites(flow, module).gaps.find(({ forward }) =>
    region.forwards.some(({ call }) => call === forward.call),
  );
  if (gap && jointEdits(flow, module, gap, region).length > 0) {
    fixes.push({
      title: {
        en: 'No gradients and evaluation mode, both',
        fr: 'Pas de gradients et mode évaluation, les deux',
      },
      safety: 'suggested',
      imports,
      edits: () => jointEdits(flow, module, gap, region),
    });
  }
  return fixes;
}

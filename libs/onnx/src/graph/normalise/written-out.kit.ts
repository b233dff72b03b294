import fc from 'fast-check';

import { Numbers, type RuleCase, ruleError, singleNodeModel } from '../../gradient/check-rule.kit';
import { Session } from '../../runtime/session';
import type { Model, Tensor } from '../ir';
import { toNumbers } from '../tensor';
import { normalise } from './normalise';

async function outputsOf(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await Session.open(model);
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

/** The largest difference of an output between the node and what it is written out in. */
async function difference(ruleCase: RuleCase): Promise<number> {
  const model = singleNodeModel(ruleCase);
  const normal = normalise(model);
  const { op, domain = '' } = ruleCase;
  expect(normal.graph.nodes.some((node) => node.op === op && node.domain === domain)).toBe(false);
  const feeds = Object.fromEntries(
    ruleCase.inputs.flatMap((value, i) => (value && !ruleCase.constants?.includes(i) ? [[`input${i}`, value]] : [])),
  );
  const [before, after] = [await outputsOf(model, feeds), await outputsOf(normal, feeds)];
  const differences = Object.entries(before).flatMap(([name, value]) => {
    expect(after[name]!.dims).toEqual(value.dims);
    expect(after[name]!.type).toBe(value.type);
    const numbers = toNumbers(after[name]!);
    return toNumbers(value).map((item, i) => Math.abs(item - numbers[i]!));
  });
  return Math.max(...differences);
}

/**
 * States that a node is written out in others that compute the same and, unless it is said to have none, have its
 * gradients, on cases that are made from a fixed sequence of seeds.
 */
export function itIsWrittenOut(
  name: string,
  make: (numbers: Numbers) => RuleCase,
  {
    runs = 8,
    within = 1e-4,
    gradient = true,
  }: { readonly runs?: number; readonly within?: number; readonly gradient?: boolean } = {},
): void {
  const law = async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        expect(await difference(make(new Numbers(seed)))).toBeLessThanOrEqual(within);
        if (gradient) expect(await ruleError(make(new Numbers(seed)))).toBeLessThan(2e-3);
      }),
      { seed: 21, numRuns: runs },
    );
  };
  it(`${name} computes the same written out`, law, 60_000);
}

import fc from 'fast-check';

import { Numbers, ruleError } from '../check-rule';

const spatial = (numbers: Numbers, rank: number, low: number, high: number) =>
  Array.from({ length: rank }, () => numbers.integer(low, high));

function convCase(seed: number) {
  const numbers = new Numbers(seed);
  const rank = numbers.pick([1, 2, 2, 2, 3]);
  const groups = numbers.pick([1, 1, 2, 3]);
  const [channels, filters] = [groups * numbers.integer(1, 2), groups * numbers.integer(1, 2)];
  const kernel = spatial(numbers, rank, 1, 3);
  const sizes = kernel.map((size) => size * 2 + numbers.integer(0, 3));
  const autoPad = numbers.pick(['NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID']);
  const pads = spatial(numbers, 2 * rank, 0, 2);
  const dilations = autoPad === 'NOTSET' ? spatial(numbers, rank, 1, 2) : undefined;
  return {
    numbers,
    groups,
    channels,
    filters,
    kernel,
    sizes,
    autoPad,
    pads,
    dilations,
    strides: spatial(numbers, rank, 1, 3),
  };
}

describe('Conv', () => {
  it('has gradients equal to finite differences, whatever strides, padding, dilations and groups', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { numbers, groups, channels, filters, kernel, sizes, autoPad, pads, dilations, strides } = convCase(seed);
        const error = await ruleError({
          op: 'Conv',
          inputs: [
            numbers.uniform([numbers.integer(1, 3), channels, ...sizes]),
            numbers.uniform([filters, channels / groups, ...kernel]),
            numbers.next() < 0.5 ? numbers.uniform([filters]) : undefined,
          ],
          attributes: {
            group: groups,
            strides,
            dilations,
            auto_pad: autoPad,
            pads: autoPad === 'NOTSET' ? pads : undefined,
          },
          free: numbers.next() < 0.5 ? [0] : [],
          elements: 25,
        });
        expect(error).toBeLessThan(1e-3);
      }),
      { seed: 1, numRuns: 40 },
    );
  });
});

describe('ConvTranspose', () => {
  it('has gradients equal to finite differences, whatever strides, padding, dilations and groups', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { numbers, groups, channels, filters, kernel, sizes, autoPad, dilations, strides } = convCase(seed);
        const pads = [...kernel, ...kernel].map((size) => numbers.integer(0, Math.min(1, size - 1)));
        const error = await ruleError({
          op: 'ConvTranspose',
          inputs: [
            numbers.uniform([numbers.integer(1, 3), channels, ...sizes]),
            numbers.uniform([channels, filters / groups, ...kernel]),
            numbers.next() < 0.5 ? numbers.uniform([filters]) : undefined,
          ],
          attributes: {
            group: groups,
            strides,
            dilations,
            auto_pad: autoPad,
            pads: autoPad === 'NOTSET' ? pads : undefined,
            output_padding: strides.map((stride) => numbers.integer(0, stride - 1)),
          },
          free: numbers.next() < 0.5 ? [0] : [],
          elements: 25,
        });
        expect(error).toBeLessThan(1e-3);
      }),
      { seed: 2, numRuns: 40 },
    );
  });
});

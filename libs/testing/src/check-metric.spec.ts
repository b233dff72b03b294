import { defineMetric, type Estimate, type MetricDefinition, type Outcome, type Rng } from '@rampart/core';
import { z } from 'zod';

import { checkMetric, describeMetric } from './check-metric';

function metric(
  compute: (outcome: Outcome, rng: Rng) => Estimate | undefined,
  unit: MetricDefinition['unit'] = 'pixel units',
): MetricDefinition {
  return defineMetric({
    name: 'on-trial',
    summary: 'A metric on trial',
    source: 'This spec',
    version: 1,
    params: z.object({}),
    unit,
    compute: (_params, outcome, rng) => compute(outcome, rng),
  });
}

/** The mean distortion with its normal interval. */
function mean({ distortions }: Outcome): Estimate | undefined {
  const count = distortions.length;
  if (count === 0) return undefined;
  const value = distortions.reduce((sum, x) => sum + x, 0) / count;
  const deviation = Math.sqrt(distortions.reduce((sum, x) => sum + (x - value) ** 2, 0) / count);
  const half = (1.96 * deviation) / Math.sqrt(count);
  if (Number.isNaN(value)) throw new Error('NaN');
  return { value, low: Math.max(0, value - half), high: value + half, count };
}

describeMetric(metric(mean));

describe('checkMetric finds', () => {
  const faults: readonly [string, MetricDefinition, readonly string[]][] = [
    [
      'a value outside its interval',
      metric((outcome) => {
        const found = mean(outcome);
        return found && { ...found, low: found.value + 1, high: found.value + 2 };
      }),
      ['gives a finite value inside its interval', 'is surer of more observations'],
    ],
    [
      'a fraction above 1',
      metric((outcome) => {
        const found = mean(outcome);
        return found && { ...found, value: 100 * found.value, low: 100 * found.low, high: 100 * found.high };
      }, 'fraction'),
      ['keeps to the range of its unit'],
    ],
    [
      'a count of something else',
      metric((outcome) => {
        const found = mean(outcome);
        return found && { ...found, count: 1 };
      }),
      ['counts the observations that it rests on'],
    ],
    [
      'an interval from a generator of its own',
      (() => {
        let state = 1;
        return metric((outcome) => {
          const found = mean(outcome);
          return found && { ...found, high: found.high + ++state * 1e-9 };
        });
      })(),
      ['gives the same estimate for the same seed'],
    ],
    [
      'a value that is random',
      metric((outcome, rng) => {
        const found = mean(outcome);
        const shift = 0.001 * rng.uniform();
        return found && { ...found, value: found.value + shift, high: found.high + shift };
      }),
      ['gives the same value for every seed and every order of the instances', 'is surer of more observations'],
    ],
    [
      'a value that looks at the first instances only',
      metric((outcome) => mean({ ...outcome, distortions: outcome.distortions.slice(0, 5) })),
      [
        'counts the observations that it rests on',
        'gives the same value for every seed and every order of the instances',
        'is surer of more observations',
      ],
    ],
    [
      'an interval that does not narrow',
      metric((outcome) => {
        const found = mean(outcome);
        return found && { ...found, low: 0.5 * found.value, high: 1.5 * found.value };
      }),
      ['is surer of more observations'],
    ],
    [
      'a figure made of nothing',
      metric((outcome) => mean(outcome) ?? { value: 0, low: 0, high: 0, count: 0 }),
      ['measures nothing where there is nothing to measure'],
    ],
    [
      'a NaN that is passed on',
      metric((outcome) => {
        try {
          return mean(outcome);
        } catch {
          return { value: NaN, low: NaN, high: NaN, count: outcome.attacked.length };
        }
      }),
      ['never passes NaN on'],
    ],
    [
      'an outcome that is sorted in place',
      metric((outcome) => mean({ ...outcome, distortions: outcome.distortions.sort() })),
      ['leaves the outcome alone'],
    ],
  ];

  it.each(faults.map(([what, definition, expected]) => ({ what, definition, expected })))(
    '$what',
    async ({ definition, expected }) => {
      const broken = (await checkMetric(definition)).filter((law) => !law.ok);
      expect(broken.map((law) => law.name)).toEqual(expected);
    },
  );
});

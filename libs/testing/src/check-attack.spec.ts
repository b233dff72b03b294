import {
  type AttackDefinition,
  type AttackProblem,
  type AttackSearch,
  clip,
  defineAttack,
  type SearchResult,
  type ThreatModel,
} from '@rampart/core';
import { z } from 'zod';

import { type AttackCheckOptions, checkAttack, describeAttack } from './check-attack';

const EPSILON = 0.2;
const STEPS = 6;

function attack(search: AttackSearch, threat: ThreatModel = { norm: 'linf', epsilon: EPSILON }): AttackDefinition {
  return defineAttack({
    name: 'on-trial',
    summary: 'An attack on trial',
    source: 'This spec',
    version: 1,
    params: z.object({}),
    threat: () => threat,
    create: () => search,
  });
}

interface Variation {
  /** Called before every step. */
  before?(problem: AttackProblem, step: number): void;
  /** What a step makes of one coordinate. */
  move?(value: number, slope: number, original: number, problem: AttackProblem, instance: number): number;
  /** What becomes of the result. */
  finish?(result: SearchResult, problem: AttackProblem): SearchResult;
}

const towards = (value: number, slope: number, original: number, { box }: AttackProblem): number =>
  clip(clip(value - 0.05 * Math.sign(slope), { min: original - EPSILON, max: original + EPSILON }), box);

/** A sound attack, iterated signed gradients, and what a fault makes of it. */
function signedGradients({ before, move = towards, finish = (result) => result }: Variation = {}): AttackSearch {
  return async (problem) => {
    const { count, features, originals } = problem;
    const instances = Array.from({ length: count }, (_, i) => i);
    const candidates = originals.slice();
    for (let step = 0; step < STEPS; step++) {
      before?.(problem, step);
      const { gradient } = await problem.gradient(candidates.slice(), instances, 'margin');
      for (let k = 0; k < candidates.length; k++) {
        candidates[k] = move(candidates[k]!, gradient[k]!, originals[k]!, problem, Math.floor(k / features));
      }
    }
    return finish({ candidates, iterations: new Int32Array(count).fill(STEPS) }, problem);
  };
}

/** A sound random attack: every coordinate goes along its gradient or stays, by the toss of a coin. */
const coinTosses =
  (seeded: boolean): AttackSearch =>
  async (problem) => {
    const { count, features, originals, box } = problem;
    const instances = Array.from({ length: count }, (_, i) => i);
    const { gradient } = await problem.gradient(originals.slice(), instances, 'cross-entropy');
    const candidates = originals.slice();
    for (const i of instances) {
      const rng = problem.rng(i).split('coins');
      for (let k = i * features; k < (i + 1) * features; k++) {
        const heads = seeded ? rng.uniform() < 0.5 : ((k % features) * 7919) % 13 < 6;
        if (heads) candidates[k] = clip(candidates[k]! - EPSILON * Math.sign(gradient[k]!), box);
      }
    }
    return { candidates, iterations: new Int32Array(count).fill(1) };
  };

async function brokenLaws(search: AttackSearch, options?: AttackCheckOptions, threat?: ThreatModel) {
  const laws = await checkAttack(attack(search, threat), options);
  return laws.filter((law) => !law.ok);
}

describeAttack(attack(signedGradients()));
describeAttack(attack(coinTosses(true)), { random: true });

describe('checkAttack finds', () => {
  const faults: readonly [string, AttackSearch, readonly string[], AttackCheckOptions?][] = [
    [
      'an attack that does nothing',
      signedGradients({ move: (value) => value }),
      ['does something', 'works towards a target class'],
    ],
    [
      'an attack that goes the wrong way',
      signedGradients({ move: (value, slope, original, problem) => towards(value, -slope, original, problem) }),
      ['does something', 'works towards a target class'],
    ],
    [
      'an attack that leaves the box',
      signedGradients({
        move: (value, slope, original) =>
          clip(value - 0.05 * Math.sign(slope), { min: original - EPSILON, max: original + EPSILON }),
      }),
      ['stays inside the pixel box'],
    ],
    [
      'an attack that exceeds its budget',
      signedGradients({ move: (value, slope, _original, { box }) => clip(value - 0.05 * Math.sign(slope), box) }),
      ['stays within its budget'],
    ],
    [
      'an attack that depends on the batch size',
      signedGradients({
        move: (value, slope, original, problem) => towards(value, slope / problem.count - 0.01, original, problem),
      }),
      ['gives the same result for every batch size', 'gives the same result whatever is attacked with it'],
    ],
    [
      'an attack that treats instances by their place in the batch',
      signedGradients({
        move: (value, slope, original, problem, instance) =>
          instance % 2 === 0 ? value : towards(value, slope, original, problem),
        finish: ({ candidates, iterations }) => ({
          candidates,
          iterations: iterations.map((n, i) => (i % 2 === 0 ? 0 : n)),
        }),
      }),
      [
        'gives the same result for every batch size',
        'gives the same result for every order of the instances',
        'gives the same result whatever is attacked with it',
      ],
    ],
    [
      'an attack that keeps something between runs',
      (() => {
        let steps = 0;
        return signedGradients({
          before: () => void steps++,
          move: (value, slope, original, problem) => towards(value, slope, original, problem) - 0.001 / steps,
          finish: ({ candidates, iterations }, { box, originals }) => ({
            candidates: candidates.map((value, k) =>
              clip(clip(value, { min: originals[k]! - EPSILON, max: originals[k]! + EPSILON }), box),
            ),
            iterations,
          }),
        });
      })(),
      [
        'gives the same result for every batch size',
        'gives the same result for every order of the instances',
        'gives the same result whatever is attacked with it',
        'gives the same bytes for the same seed',
      ],
    ],
    [
      'a random attack that ignores the seed',
      coinTosses(false),
      ['gives other results for another seed, if it is random'],
      { random: true },
    ],
    [
      'an attack that catches the error of the signal and goes on',
      async (problem) => {
        const candidates = problem.originals.slice();
        for (let step = 0; step < STEPS; step++) {
          const result = await problem
            .gradient(
              candidates.slice(),
              Array.from({ length: problem.count }, (_, i) => i),
              'margin',
            )
            .catch(() => undefined);
          candidates.forEach((value, k) => {
            candidates[k] = towards(value, result?.gradient[k] ?? 0, problem.originals[k]!, problem);
          });
        }
        return { candidates, iterations: new Int32Array(problem.count).fill(STEPS) };
      },
      ['stops when the signal fires'],
    ],
    [
      'an attack that asks until it is answered, signal or not',
      async (problem) => {
        const search = signedGradients();
        for (;;) {
          try {
            return await search(problem);
          } catch {
            continue;
          }
        }
      },
      ['stops when the signal fires'],
    ],
    [
      'an attack that hides the cancellation behind an error of its own',
      async (problem) => {
        try {
          return await signedGradients()(problem);
        } catch {
          throw new TypeError('something happened');
        }
      },
      ['stops when the signal fires'],
    ],
    [
      'an attack that returns NaN',
      signedGradients({
        finish: ({ candidates, iterations }, { features, originals, box }) => ({
          candidates: candidates.map((value, k) => (k % features === 7 && originals[k]! > box.min + 0.5 ? NaN : value)),
          iterations,
        }),
      }),
      ['returns one finite candidate an instance', 'copes with gradients that vanish'],
    ],
    [
      'an attack that divides by a norm that may be 0',
      async (problem) => {
        const instances = Array.from({ length: problem.count }, (_, i) => i);
        const { gradient } = await problem.gradient(problem.originals.slice(), instances, 'margin');
        const candidates = problem.originals.map((value, k) => {
          const start = Math.floor(k / problem.features) * problem.features;
          const norm = Math.hypot(...gradient.subarray(start, start + problem.features));
          return clip(value - (EPSILON * gradient[k]!) / norm, problem.box);
        });
        return { candidates, iterations: new Int32Array(problem.count).fill(1) };
      },
      ['copes with gradients that vanish'],
    ],
    [
      'an attack that returns too few candidates',
      signedGradients({ finish: ({ candidates, iterations }) => ({ candidates: candidates.slice(1), iterations }) }),
      ['returns one finite candidate an instance', 'does something', 'works towards a target class'],
    ],
    [
      'an attack that writes into the originals',
      async (problem) => {
        const result = await signedGradients()(problem);
        problem.originals.set(result.candidates);
        return result;
      },
      ['leaves the original images alone'],
    ],
    [
      'an attack that does not count its iterations',
      signedGradients({ finish: ({ candidates, iterations }) => ({ candidates, iterations: iterations.fill(0) }) }),
      ['counts its iterations'],
    ],
    [
      'an attack that reaches for the labels',
      signedGradients({ before: (problem) => void (problem as unknown as { labels?: Int32Array }).labels?.[0] }),
      ['knows labels through the problem only'],
    ],
  ];

  it.each(faults.map(([what, ...fault]) => ({ what, fault })))(
    '$what',
    async ({ fault: [search, expected, options] }) => {
      const broken = await brokenLaws(search, options);
      expect(broken.map((law) => law.name)).toEqual(expected);
      for (const law of broken) expect(law.message).toMatch(/\w{3}/);
    },
  );

  it('an attack that exceeds an l2 budget', async () => {
    const broken = await brokenLaws(signedGradients(), {}, { norm: 'l2', epsilon: 0.5 });
    expect(broken.map((law) => law.name)).toEqual(['stays within its budget']);
  });

  it('an attack that throws, with what it threw', async () => {
    const broken = await brokenLaws(
      signedGradients({
        before: (_problem, step) => {
          if (step === 2) throw new TypeError('the third batch is missing');
        },
      }),
    );
    expect(broken[0]).toMatchObject({
      name: 'runs to its end without an error',
      message: expect.stringContaining('the third batch is missing'),
    });
  });

  it('an attack that throws at its third batch', async () => {
    let batches = 0;
    const broken = await brokenLaws((problem) => {
      if (++batches === 3) throw new TypeError('no third batch');
      return signedGradients()(problem);
    });
    expect(broken[0]).toMatchObject({
      name: 'runs to its end without an error',
      message: expect.stringContaining('Attack "on-trial" failed: no third batch'),
    });
  });

  it('an attack that never ends', async () => {
    const broken = await brokenLaws(
      async (problem) => {
        for (;;) await problem.margins(problem.originals.slice(0, problem.features), [0]);
      },
      { maxCalls: 500 },
    );
    expect(broken[0]).toMatchObject({
      name: 'runs to its end without an error',
      message: expect.stringContaining('still asking the model after 500 model calls'),
    });
  });
});

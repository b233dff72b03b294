import fc from 'fast-check';

import type { ModelRecord, RobustnessRecord } from '@rampart/results';
import type { Evaluation } from './evaluations';
import { type StandingInput, type StandingTable, standingTables, worstOf } from './standings';

/** Models by label, then attacks by label, then digits of the outcomes: a seed each. */
type Found = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

function tableOf(found: Found, over: Partial<StandingInput> = {}): StandingTable {
  const evaluations: Evaluation[] = [];
  const outcomes = new Map<string, { testIndices: string; digits: string }>();
  for (const [model, attacks] of Object.entries(found)) {
    for (const [attack, seeds] of Object.entries(attacks)) {
      for (const [seed, digits] of seeds.entries()) {
        const evaluateStep = [model, attack, seed].join();
        evaluations.push({ model, attack, seed, mode: 'adaptive', evaluateStep });
        outcomes.set(evaluateStep, { testIndices: [...digits].map((_, index) => index * 2).join(), digits });
      }
    }
  }
  const input = {
    evaluations,
    outcomes,
    models: [],
    findings: [],
    remedied: new Map(),
    robustness: [],
    threatened: false,
  };
  return standingTables({ ...input, undefended: new Set(['lenet5']), ...over })[0]!;
}

const RESISTED = '0';
const EVADED = '1';
const WRONG = '2';
const UNMOVED = '3';

describe('the standing of models', () => {
  it("is over the instances that could be attacked, in the worst case by instance, with Wilson's interval", () => {
    const { models } = tableOf({ rad: { fgs: ['0012'], adam: ['1002'] } });
    expect(models[0]).toMatchObject({
      ...{ attacked: 4, attackable: [3, 3], evaded: [2, 2] },
      robustAccuracy: { value: 1 / 3, low: expect.closeTo(0.0615, 3), high: expect.closeTo(0.7923, 3) },
      success: { value: 2 / 3 },
      cleanAccuracy: { value: 3 / 4 },
    });
    expect(models[0]!.attacks.map(({ attack, success }) => [attack, success.value])).toEqual([
      ['fgs', 1 / 3],
      ['adam', 1 / 3],
    ]);
  });

  it('names no winner where every model falls, whatever they get wrong without an attack', () => {
    const { headline, models } = tableOf({
      lenet5: { fgs: ['01'.repeat(22)], adam: [EVADED.repeat(44)] },
      rad: { fgs: ['0'.repeat(44)], adam: [EVADED.repeat(42) + WRONG + WRONG] },
    });
    expect(headline).toMatchObject({ kind: 'falls', title: 'Every model falls to adam', best: [] });
    expect(headline.text).not.toMatch(/most robust/i);
    expect(models.map(({ rank }) => rank)).toEqual([undefined, undefined]);
  });

  it('ranks defenses, those that noise does not tell apart alike, and what is undefended not at all', () => {
    const stands = (count: number) => RESISTED.repeat(count) + EVADED.repeat(60 - count);
    const { headline, models } = tableOf({
      lenet5: { adam: [stands(59)] },
      weak: { adam: [stands(10)] },
      strong: { adam: [stands(41)] },
      alike: { adam: [stands(40)] },
    });
    expect(models.map(({ model, rank }) => [model, rank])).toEqual([
      ['lenet5', undefined],
      ['strong', 1],
      ['alike', 1],
      ['weak', 3],
    ]);
    expect(headline).toMatchObject({ kind: 'not-ahead', title: 'No defense is ahead of the undefended lenet5' });
    const without = tableOf({
      weak: { adam: [stands(10)] },
      strong: { adam: [stands(41)] },
      alike: { adam: [stands(40)] },
    });
    expect(without.headline).toMatchObject({ kind: 'tied', best: ['strong', 'alike'] });
    const two = tableOf({
      lenet5: { adam: [stands(0)] },
      weak: { adam: [stands(10)] },
      strong: { adam: [stands(41)] },
    });
    expect(two.headline).toMatchObject({ kind: 'leads', title: 'Most robust: strong', best: ['strong'] });
  });

  it('praises nobody for a figure that is not established', () => {
    const finding = {
      ...{ model: 'strong', mode: 'adaptive', seed: 0, audit: 'saturated-loss', severity: 'high', resolved: false },
      ...{ summary: 'The loss is saturated.', threat: undefined, attack: undefined, evidence: {}, remedies: [] },
    } as unknown as StandingInput['findings'][number];
    const found = {
      lenet5: { adam: ['1'.repeat(40)] },
      weak: { adam: ['1'.repeat(40)] },
      strong: { adam: ['0'.repeat(40)] },
    };
    const { headline, models } = tableOf(found, { findings: [finding] });
    expect(headline).toMatchObject({ kind: 'not-established', title: 'Not established: strong', best: [] });
    expect(models[0]).toMatchObject({ model: 'strong', established: false, rank: undefined });
    const resolved = tableOf(found, { findings: [{ ...finding, resolved: true }] });
    expect(resolved.headline.title).toBe('Most robust: strong');
  });

  it('says of instances that an attack did not move that they were not attacked', () => {
    const { models, notes } = tableOf({ rad: { fgs: [UNMOVED.repeat(8) + EVADED], adam: ['0'.repeat(8) + EVADED] } });
    expect(models[0]).toMatchObject({ unmoved: 0, attacks: [{ unmoved: 8 }, { unmoved: 0 }] });
    expect(notes.join()).toMatch(/^fgs left 8 of the 9 attackable instances of rad as they were: not attacked/);
  });

  it('says that seeds repeat a measurement where file and outcomes are the same, and has no deviation there', () => {
    const digits = '0'.repeat(91) + EVADED.repeat(109);
    const model = (seed: number): ModelRecord => ({
      ...{ runId: 'r', seed, label: 'mine', step: 's', artifact: 'file', parents: [], parameters: 1, engine: 'onnx' },
      facts: {},
    });
    const seeds = [0, 1, 2];
    const three = tableOf({ mine: { fgs: seeds.map(() => digits) } }, { models: seeds.map(model) });
    const one = tableOf({ mine: { fgs: [digits] } }, { models: [model(0)] });
    expect(three.notes.join()).toMatch(/repeat the same measurement of mine/);
    expect(one.notes).toEqual([]);
    const [wide, narrow] = [three.models[0]!.robustAccuracy, one.models[0]!.robustAccuracy];
    expect([wide.low, wide.high]).toEqual([expect.closeTo(narrow.low, 12), expect.closeTo(narrow.high, 12)]);
    expect(wide.deviation).toBeUndefined();
  });

  it('has intervals within 0 and 1 that hold the figure, whatever came of the instances', () => {
    const digits = fc.array(fc.constantFrom(RESISTED, EVADED, WRONG, UNMOVED), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(digits, { minLength: 1, maxLength: 4 }), (seeds) => {
        const { models } = tableOf({ rad: { fgs: seeds.map((one) => one.join('')) } });
        for (const { value, low, high } of models.flatMap((one) => [
          one.robustAccuracy,
          one.success,
          one.cleanAccuracy,
        ])) {
          expect(0 <= low && low <= value + 1e-12 && value <= high + 1e-12 && high <= 1).toBe(true);
        }
      }),
      { seed: 12, numRuns: 100 },
    );
  });

  it('compares nobody with a model that has not met every attack yet', () => {
    const { differences, headline } = tableOf({
      rad: { fgs: ['0000'], adam: ['0000'] },
      aec: { fgs: ['1111'] },
    });
    expect(differences).toEqual([]);
    expect(headline.title).toBe('Robust accuracy of rad');
  });

  it('is under the threats where a run asks about them, and nothing before the first is answered', () => {
    const evaluations = { rad: { 'pgd(epsilon=0.1)': ['0011'] } };
    expect(tableOf(evaluations, { threatened: true })).toBeUndefined();
    const record: RobustnessRecord = {
      ...{ runId: 'r', seed: 0, model: 'rad', mode: 'adaptive', threat: 'linf(0.1)', norm: 'linf', epsilon: 0.1 },
      ...{ cleanAccuracy: 1, robustAccuracy: 0.75, low: 0.3, high: 0.95, instances: 4, attacked: 4, attackable: 4 },
      ...{ notes: [], outcomes: '0003', step: 's' },
      attacks: [
        {
          ...{ attack: 'pgd(epsilon=0.1)', robustAccuracy: 0.75, cumulativeRobustAccuracy: 0.75, successRate: 0.25 },
          ...{ medianDistance: null, gradientEvaluations: 1, forwardEvaluations: 1, attackSteps: ['a'] },
        },
      ],
    };
    const table = tableOf(evaluations, { threatened: true, robustness: [record] });
    expect(table).toMatchObject({ threat: 'linf(0.1)', attacks: ['pgd(epsilon=0.1)'] });
    expect(table.models[0]).toMatchObject({ robustAccuracy: { value: 0.75 }, unmoved: 1 });
  });
});

it('takes of each instance the worst that came of it', () => {
  expect(worstOf(['0312', '3302'])).toBe('0312');
  expect(worstOf(['0', '1'])).toBe('1');
  expect(worstOf([])).toBe('');
});

import { paceText, timeLeftText, type OpenStep, remainingSeconds, StepDurations } from './remaining-time';

const attack = (label: string, more: Partial<OpenStep> = {}): OpenStep => ({ kind: 'attack', label, ...more });

describe('StepDurations', () => {
  const durations = new StepDurations({ train: 12 });
  durations.learn('attack', 'attack lenet5 with cg (1 of 2), seed 1', 30);
  durations.learn('attack', 'attack lenet5 with cg (2 of 2), seed 1', 20);
  durations.learn('attack', 'attack lenet5 with adam, seed 1', 4, 3);

  it.each([
    ['the same label', 'attack lenet5 with cg (1 of 2), seed 1', 30],
    ['the same with another seed', 'attack lenet5 with cg (1 of 2), seed 7', 25],
    ['the same method', 'attack rad(attack=cg) with cg (1 of 2), seed 1', 25],
    ['the same kind', 'attack lenet5 with fgs(epsilon=0.1)', 62 / 5],
  ])('expects what steps of %s took', (_what, label, seconds) => {
    expect(durations.expect('attack', label)).toBeCloseTo(seconds);
  });

  it('knows what is usual where it has learnt nothing, and else nothing', () => {
    expect(durations.expect('train', 'train lenet5')).toBe(12);
    expect(durations.expect('harden', 'harden lenet5 by aec')).toBeUndefined();
  });
});

describe('remainingSeconds', () => {
  const durations = new StepDurations();
  durations.learn('attack', 'attack lenet5 with cg', 40);

  it('shares the work among the workers, but no step among several', () => {
    const steps = ['a', 'b', 'c'].map((model) => attack(`attack ${model} with cg`));
    expect(remainingSeconds(steps, durations, 1)).toBe(120);
    expect(remainingSeconds(steps, durations, 2)).toBe(60);
    expect(remainingSeconds(steps, durations, 8)).toBe(40);
    expect(remainingSeconds([], durations, 2)).toBe(0);
  });

  it('counts what is done of a step', () => {
    expect(remainingSeconds([attack('attack a with cg', { elapsed: 10 })], durations, 1)).toBe(30);
    // Half in 10 s, and so 20 s in all as its pace has it, which counts half; 40 s were expected.
    expect(remainingSeconds([attack('attack a with cg', { elapsed: 10, fraction: 0.5 })], durations, 1)).toBe(15);
    expect(remainingSeconds([attack('attack a with cg', { elapsed: 90 })], durations, 1)).toBe(0);
  });

  it('learns from the pace of steps that are under way', () => {
    const step = { kind: 'harden', label: 'harden lenet5 by rad(attack=cg)', elapsed: 50, fraction: 0.25 };
    expect(remainingSeconds([step], durations, 1)).toBe(150);
    const waiting = { kind: 'harden', label: 'harden lenet5 by rad(attack=adam)' };
    expect(remainingSeconds([step, waiting], durations, 1)).toBe(350);
    expect(remainingSeconds([waiting], durations, 1)).toBeUndefined();
  });
});

it('tells a prediction and a pace in whole units', () => {
  expect([0.2, 59.1, 61, 7500].map(timeLeftText)).toEqual([
    'about 1 s left',
    'about 1 min left',
    'about 2 min left',
    'about 2 h 5 min left',
  ]);
  expect(paceText(310, 10, 'instances')).toBe('31 instances/s');
  expect(paceText(3, 40, 'epochs')).toBe('4.5 epochs/min');
  expect(paceText(0.5, 900, 'rounds')).toBe('2.0 rounds/h');
  expect([paceText(0, 10, 'rounds'), paceText(5, 0.5, 'rounds')]).toEqual([undefined, undefined]);
});

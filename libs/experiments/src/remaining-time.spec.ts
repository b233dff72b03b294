import { RemainingTime } from './remaining-time';
import type { Step } from './step';

const step = (key: string, label: string) =>
  ({ kind: 'attack', key, label, needs: [], versions: {} }) as unknown as Step;

describe('RemainingTime', () => {
  it('follows the events of a run', () => {
    let now = 0;
    const steps = [
      step('a', 'attack lenet5 with cg'),
      step('b', 'attack aec with cg'),
      step('c', 'attack lenet5 with fgs'),
    ];
    const remaining = new RemainingTime(steps, [], 1, () => now);
    const progress = (key: string, done: number) =>
      remaining.event({ type: 'step-progress', step: key, done, total: 10, unit: 'instances' });
    const finished = (key: string, label: string, seconds: number, cached = false) =>
      remaining.event({
        type: 'step-finished',
        step: key,
        label,
        cached,
        seconds,
        stepsDone: 1,
        stepsTotal: 3,
      });
    // Nothing is known but what attacks usually take.
    expect(remaining.seconds()).toBeCloseTo(6, 9);
    remaining.event({ type: 'step-started', step: 'a', kind: 'attack', label: 'attack lenet5 with cg' });
    now = 60_000;
    progress('a', 10);
    finished('a', 'attack lenet5 with cg', 60);
    expect(remaining.seconds()).toBeCloseTo(120, 9);
    remaining.event({ type: 'step-started', step: 'b', kind: 'attack', label: 'attack aec with cg' });
    now = 90_000;
    progress('b', 5);
    // Half of 60 s, and all of what attacks took so far.
    expect(remaining.seconds()).toBeCloseTo(90, 9);
    // What was in the store already says nothing about time.
    finished('c', 'attack lenet5 with fgs', 0, true);
    expect(remaining.seconds()).toBeCloseTo(30, 9);
    finished('b', 'attack aec with cg', 60);
    expect(remaining.seconds()).toBeUndefined();
  });
});

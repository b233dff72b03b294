import type { Step } from '@rampart/experiments';

import { RemainingTime } from './remaining-time';

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
    expect(remaining.toString()).toBe(', about 6 s left');
    remaining.event({ type: 'step-started', step: 'a', kind: 'attack', label: 'attack lenet5 with cg' });
    now = 60_000;
    progress('a', 10);
    finished('a', 'attack lenet5 with cg', 60);
    expect(remaining.toString()).toBe(', about 2 min left');
    remaining.event({ type: 'step-started', step: 'b', kind: 'attack', label: 'attack aec with cg' });
    now = 90_000;
    progress('b', 5);
    // Half of 60 s, and all of what attacks took so far.
    expect(remaining.toString()).toBe(', about 2 min left');
    // What was in the store already says nothing about time.
    finished('c', 'attack lenet5 with fgs', 0, true);
    expect(remaining.toString()).toBe(', about 30 s left');
    finished('b', 'attack aec with cg', 60);
    expect(remaining.toString()).toBe('');
  });
});

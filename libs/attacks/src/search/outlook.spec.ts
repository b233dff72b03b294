import { Outlook } from './outlook';

/** The step at which a run whose nearest example is at `distance(step)` is given up; -1 where it never is. */
function givenUp(distance: (step: number) => number, bound: number): number {
  const outlook = new Outlook(100);
  for (let step = 0; step < 100; step++) if (outlook.isHopeless(distance(step), step, bound)) return step;
  return -1;
}

describe('Outlook', () => {
  it('gives up a run that stays far away', () => {
    expect(givenUp(() => 5, 1)).toBe(10);
    expect(givenUp(() => 1.5, 1)).toBeGreaterThan(30);
  });

  it('lets a run go on that comes nearer fast enough, is near, or has not found anything', () => {
    expect(givenUp((step) => 5 * 0.98 ** step, 1)).toBe(-1);
    expect(givenUp(() => 1.1, 1)).toBe(-1);
    expect(givenUp(() => Infinity, 1)).toBe(-1);
    expect(givenUp(() => 5, Infinity)).toBe(-1);
  });

  it('gives up a run that slows down too early', () => {
    expect(givenUp((step) => 3 + 10 / (step + 1), 1)).toBeGreaterThan(10);
    expect(givenUp((step) => 3 + 10 / (step + 1), 1)).toBeLessThan(40);
  });
});

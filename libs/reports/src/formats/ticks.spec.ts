import { ticksOf } from './ticks';

describe('ticks of epsilon', () => {
  it.each([
    [0.33, [0.3], [0, 0.1, 0.2, 0.3]],
    [2.8, [2], [0, 0.5, 1, 1.5, 2, 2.5]],
    [12, [8], [0, 2, 4, 6, 8, 10, 12]],
    [70, [16], [0, 20, 40, 60]],
  ])('up to %d are round numbers', (end, threats, ticks) => {
    expect(ticksOf(end, threats, 6)).toEqual(ticks);
  });

  it('are levels of an image where the threats are', () => {
    expect(ticksOf(20 / 255, [8 / 255], 6)).toEqual([0, 4 / 255, 8 / 255, 12 / 255, 16 / 255, 20 / 255]);
    expect(ticksOf(2.2 / 255, [2 / 255], 6)).toEqual([0, 1 / 255, 2 / 255]);
  });

  it('are not too many, whatever the end', () => {
    for (let end = 1e-5; end < 1e5; end *= 1.7) {
      expect(ticksOf(end, [], 6).length).toBeLessThanOrEqual(7);
      expect(ticksOf(end, [], 6).length).toBeGreaterThanOrEqual(2);
    }
  });
});

import { inWindows } from './in-windows';

describe('inWindows', () => {
  it('asks about every candidate once, in batches of a window', async () => {
    const asked: unknown[] = [];
    await inWindows(2, Float32Array.of(1, 2, 3, 4, 5, 6), Int32Array.of(7, 7, 9), (points, instances, first) => {
      asked.push([Array.from(points), Array.from(instances), first]);
      return Promise.resolve();
    });
    expect(asked).toEqual([
      [[1, 2, 3, 4], [7, 7], 0],
      [[5, 6], [9], 2],
    ]);
  });

  it('asks nothing about nothing', async () => {
    await inWindows(2, new Float32Array(0), new Int32Array(0), () => Promise.reject(new Error('asked')));
  });
});

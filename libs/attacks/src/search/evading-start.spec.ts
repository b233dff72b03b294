import { type AttackInstance, Rng } from '@rampart/core';

import { evadingStart } from './evading-start';

const shape = { channels: 1, height: 4, width: 4 };

function instanceOf(evades: (point: Float32Array) => boolean) {
  let asked = 0;
  const instance = {
    shape,
    original: Float32Array.from({ length: 16 }, (_, k) => (k === 5 ? 0.7 : 0.1)),
    features: 16,
    rng: Rng.root('start'),
    bounds: {
      lower: Float32Array.from({ length: 16 }, (_, k) => (k === 5 ? 0.7 : -1)),
      upper: Float32Array.from({ length: 16 }, (_, k) => (k === 5 ? 0.7 : 1)),
    },
    margins: (points: Float32Array) => {
      const count = points.length / 16;
      asked += count;
      return Promise.resolve(
        Float32Array.from({ length: count }, (_, i) => (evades(points.subarray(16 * i, 16 * i + 16)) ? -1 : 1)),
      );
    },
  } as unknown as AttackInstance;
  return { instance, asked: () => asked };
}

test('noise that evades is taken at once, inside the bounds', async () => {
  const { instance, asked } = instanceOf(() => true);
  const start = (await evadingStart(instance))!;
  expect(asked()).toBe(16);
  expect(start).toHaveLength(16);
  expect(start[5]).toBeCloseTo(0.7, 6);
  expect(start.every((value) => value >= -1 && value <= 1)).toBe(true);
});

test('where no fine noise evades a coarser one may', async () => {
  const even = (point: Float32Array) => Math.max(...point) - Math.min(...point.filter((_, k) => k !== 5)) < 0.1;
  const { instance } = instanceOf((point) => even(point.map((value, k) => (k === 5 ? point[0]! : value))));
  const start = (await evadingStart(instance))!;
  expect(new Set(start.filter((_, k) => k !== 5)).size).toBe(1);
});

test('where no noise evades it looks on the way to it', async () => {
  // A model that rejects whatever is far from its images.
  const near = (point: Float32Array) =>
    Math.hypot(...point.filter((_, k) => k !== 5).map((value) => value - 0.1)) < 0.3;
  const { instance, asked } = instanceOf((point) => near(point) && point[0]! < 0);
  const start = (await evadingStart(instance))!;
  expect(asked()).toBeGreaterThan(1000);
  expect([near(start), start[0]! < 0]).toEqual([true, true]);
});

test('where nothing evades it gives up', async () => {
  const { instance, asked } = instanceOf(() => false);
  expect(await evadingStart(instance, 100)).toBeUndefined();
  expect(asked()).toBe(200);
});

import { type AttackInstance, NORMS } from '@rampart/core';

import { bisect, lineTo, shrinkFrom } from './bisect';

/** An instance at the origin of the plane, whose points evade where a function says so. */
function instanceOf(evades: (x: number, y: number) => boolean, norm: 'l2' | 'linf' = 'l2') {
  let asked = 0;
  const original = new Float32Array(2);
  const instance = {
    original,
    distance: (point: Float32Array) => NORMS[norm].distance(point, original),
    margins: (points: Float32Array) => {
      asked++;
      return Promise.resolve(Float32Array.of(evades(points[0]!, points[1]!) ? -1 : 1));
    },
  } as unknown as AttackInstance;
  return { instance, asked: () => asked };
}

test('a line is cut where it crosses the boundary, on the evading side', async () => {
  const { instance, asked } = instanceOf((x) => x > 0.3);
  const point = Float32Array.of(1, 2);
  await bisect(instance, lineTo(instance, point, 1e-4), point);
  expect(point[0]).toBeGreaterThan(0.3);
  expect(point[0]).toBeLessThan(0.3 + 1e-4);
  expect(point[1]).toBeCloseTo(2 * point[0]!, 5);
  expect(asked()).toBe(14);
});

test('in linf a point is clipped to the smallest ball that it evades in', async () => {
  const { instance } = instanceOf((x, y) => x > 0.05 && y < -0.4, 'linf');
  const point = Float32Array.of(0.1, -0.8);
  await bisect(instance, shrinkFrom(instance, point, 1e-4), point);
  expect(point[0]).toBeCloseTo(0.1, 6);
  expect(point[1]).toBeLessThan(-0.4);
  expect(point[1]).toBeGreaterThan(-0.4 - 1e-4);
});

test('a resolution finer than float32 comes to an end', async () => {
  const { instance } = instanceOf((x) => x > 0.3);
  const point = Float32Array.of(1, 0);
  await bisect(instance, lineTo(instance, point, 0), point);
  expect(point[0]).toBeCloseTo(0.3, 6);
});

import { Rng } from '@rampart/core';

import { planeOf, windowPart, windowPlace, windowSize } from './square-windows';

test('a sample that is no image is one row', () => {
  expect(planeOf({ channels: 3, height: 4, width: 5 })).toEqual({ channels: 3, height: 4, width: 5 });
  expect(planeOf({ channels: 2, height: 6, width: 1 })).toEqual({ channels: 2, height: 1, width: 6 });
  expect(planeOf({ channels: 2, height: 1, width: 6 })).toEqual({ channels: 2, height: 1, width: 6 });
  expect(planeOf({ channels: 7, height: 1, width: 1 })).toEqual({ channels: 1, height: 1, width: 7 });
});

test.each([10_000, 5000, 1000])('of %d queries the part is halved at the same fractions', (queries) => {
  const part = (of10000: number) => windowPart(Math.ceil((of10000 * queries) / 10_000), queries, 0.8);
  expect(part(0)).toBe(0.8);
  const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];
  halvings.forEach((halving, i) => {
    expect(part(halving)).toBe(0.8 / 2 ** i);
    expect(part(halving + 10_000 / queries)).toBe(0.8 / 2 ** (i + 1));
  });
  expect(windowPart(queries - 1, queries, 0.8)).toBe(0.8 / 512);
});

test('a window is a square of the part, or a segment', () => {
  const image = { channels: 3, height: 28, width: 28 };
  expect(windowSize(image, 0.8)).toEqual({ rows: 25, columns: 25 });
  expect(windowSize(image, 0.8 / 512)).toEqual({ rows: 1, columns: 1 });
  expect(windowSize(image, 1)).toEqual({ rows: 28, columns: 28 });
  expect(windowSize({ channels: 1, height: 1, width: 100 }, 0.4)).toEqual({ rows: 1, columns: 40 });
  expect(windowSize({ channels: 1, height: 4, width: 100 }, 0.5)).toEqual({ rows: 4, columns: 50 });
  expect(windowSize({ channels: 1, height: 100, width: 4 }, 0.5)).toEqual({ rows: 50, columns: 4 });
  expect(windowSize({ channels: 1, height: 1, width: 1 }, 0.001)).toEqual({ rows: 1, columns: 1 });
});

test('windows are everywhere inside the plane, and nowhere else', () => {
  const rng = Rng.root('places');
  const places = new Set<number>();
  for (let i = 0; i < 500; i++) {
    places.add(windowPlace({ channels: 1, height: 4, width: 5 }, { rows: 2, columns: 3 }, rng));
  }
  expect([...places].sort((a, b) => a - b)).toEqual([0, 1, 2, 5, 6, 7, 10, 11, 12]);
});

import { DualWeight, pressure } from './dual-weight';

test('the weights begin at their ratio and stay a partition of 1', () => {
  const weight = new DualWeight(0.01, 0.1, 100);
  expect(weight.ofDistance / weight.ofConstraint).toBeCloseTo(0.01, 12);
  for (let step = 0; step < 100; step++) {
    weight.update(step % 3 === 0, step);
    expect(weight.ofDistance + weight.ofConstraint).toBeCloseTo(1, 12);
    expect(weight.ofDistance).toBeGreaterThan(0);
  }
});

test('the constraint counts for less while it holds, and for more while it is broken, within a ratio of a million', () => {
  const weight = new DualWeight(0.01, 1, 1000);
  for (let step = 0; step < 500; step++) weight.update(true, step);
  expect(weight.ofConstraint / weight.ofDistance).toBeCloseTo(1e-6, 8);
  const low = weight.ofConstraint;
  for (let step = 500; step < 600; step++) weight.update(false, step);
  expect(weight.ofConstraint).toBeGreaterThan(low);
});

test('the slope of the softplus of a margin is that of a logistic function above 0, and 0 below', () => {
  expect(pressure(-1)).toBe(0);
  expect(pressure(1e-9)).toBeCloseTo(0.5, 6);
  expect(pressure(1e3)).toBe(1);
});

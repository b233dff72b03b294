import { AdamMoments } from './adam-moments';

test('a first direction has the signs of the gradient and the size 1, whatever its scale', () => {
  const gradient = Float32Array.of(1e-3, -20, 0);
  new AdamMoments(3).direct(gradient);
  expect(Array.from(gradient, (value) => Math.round(value * 1e3) / 1e3)).toEqual([1, -1, 0]);
});

test('directions follow algorithm 1 of Kingma and Ba', () => {
  const moments = new AdamMoments(1);
  let [m, v] = [0, 0];
  for (let t = 1; t <= 20; t++) {
    const slope = Math.sin(t);
    m = 0.9 * m + 0.1 * slope;
    v = 0.999 * v + 0.001 * slope * slope;
    const gradient = Float32Array.of(slope);
    moments.direct(gradient);
    expect(gradient[0]).toBeCloseTo(m / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8), 5);
  }
});

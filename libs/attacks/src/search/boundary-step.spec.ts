import { type AttackInstance, type NormName, NORMS, Rng } from '@rampart/core';

import { BoundaryStep } from './boundary-step';
import { stepToPlane } from './hyperplane';

const SIZE = 20;
const ETA = 1.05;

function draw(rng: Rng, norm: NormName) {
  const values = (of: () => number) => Float32Array.from({ length: SIZE }, of);
  const bounds = { lower: values(() => -rng.uniform()), upper: values(() => rng.uniform()) };
  const inside = () => bounds.lower.map((low, k) => low + (bounds.upper[k]! - low) * rng.uniform());
  const instance = { original: inside(), bounds, norm: NORMS[norm] } as Partial<AttackInstance> as AttackInstance;
  return { instance, point: inside(), plane: { value: 2 * rng.normal(), slope: values(() => rng.normal()) } };
}

describe.each(['linf', 'l2', 'l1'] as const)('BoundaryStep in %s', (norm) => {
  it('is the clipped mean of both steps to the hyperplane', () => {
    const rng = Rng.root('boundary step');
    let apart = 0;
    for (let trial = 0; trial < 200; trial++) {
      const { instance, point, plane } = draw(rng, norm);
      const { original, bounds } = instance;
      const [own, first] = [new Float32Array(SIZE), new Float32Array(SIZE)];
      const length = stepToPlane(instance.norm, plane, point, bounds, own);
      const atOriginal = plane.slope.reduce((sum, w, k) => sum + w * (original[k]! - point[k]!), plane.value);
      const back = stepToPlane(instance.norm, { ...plane, value: atOriginal }, original, bounds, first);
      const alpha = Math.min(0.1, length / (length + back));
      const expected = point.map((x, k) => {
        const mean = (1 - alpha) * (x + ETA * own[k]!) + alpha * (original[k]! + ETA * first[k]!);
        return Math.min(Math.max(mean, bounds.lower[k]!), bounds.upper[k]!);
      });
      expect(new BoundaryStep(instance, { alphaMax: 0.1, eta: ETA }).move(point, plane)).toBe(true);
      apart = Math.max(apart, NORMS.linf.distance(point, expected));
    }
    expect(apart).toBeLessThan(1e-5);
  });

  it('leads nowhere without a slope', () => {
    const { instance, point, plane } = draw(Rng.root('flat'), norm);
    plane.slope.fill(0);
    expect(new BoundaryStep(instance, { alphaMax: 0.1, eta: ETA }).move(point, plane)).toBe(false);
  });
});

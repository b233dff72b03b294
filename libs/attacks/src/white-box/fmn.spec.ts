import {
  type AttackDefinition,
  evade,
  imageBatch,
  type NormName,
  NORMS,
  pixelBox,
  predictions,
  Registry,
  Rng,
} from '@rampart/core';
import { describeAttack, linearDistances, tanhNetwork } from '@rampart/testing';

import { fmn } from './fmn';

describeAttack(fmn, { params: { steps: 30 } });
describeAttack(fmn, { params: { norm: 'linf', steps: 80, restarts: 2 }, random: true });
describeAttack(fmn, { params: { norm: 'l1', steps: 20, restarts: 2 } });
describeAttack(fmn, { params: { norm: 'l0', steps: 30 } });

describe.each(['l2', 'linf', 'l1', 'l0'])('fmn on linear models in %s', (norm) => {
  it.each(['active', 'inactive'] as const)('finds the nearest example, with the box %s', async (box) => {
    for (const { found, exact } of await linearDistances(fmn, { norm }, box)) {
      expect(found / exact).toBeGreaterThan(1 - 1e-5);
      expect(found / exact).toBeLessThan(norm === 'l0' ? 1 + 1e-9 : 1.01);
    }
  });
});

const GRID = 200;

describe.each(['l2', 'linf', 'l1'] as const)('fmn on networks of two features in %s', (norm: NormName) => {
  it('finds nothing farther than the nearest example of a grid', async () => {
    const shape = { channels: 1, height: 1, width: 2 };
    const box = pixelBox(0, 1);
    const side = GRID + 1;
    const grid = Float32Array.from({ length: 2 * side * side }, (_, i) => {
      const point = i >> 1;
      return (i % 2 === 0 ? Math.floor(point / side) : point % side) / GRID;
    });
    for (let trial = 0; trial < 4; trial++) {
      const rng = Rng.root('fmn grid').split(trial);
      const classifier = tanhNetwork({ shape, box, classes: 3, hidden: 6, rng });
      const images = imageBatch(Float32Array.of(rng.uniform(), rng.uniform()), shape, box);
      const labels = predictions(await classifier.logits(images.data), 3);
      const classes = predictions(await classifier.logits(grid), 3);
      let nearest = Infinity;
      classes.forEach((found, i) => {
        if (found === labels[0]) return;
        nearest = Math.min(nearest, NORMS[norm].distance(grid.subarray(2 * i, 2 * i + 2), images.data));
      });
      if (nearest === Infinity) continue;
      const attack = new Registry<AttackDefinition>('attack', [fmn]).resolve({ name: 'fmn', params: { norm } });
      const { evaded, adversarial } = await evade({ attack, classifier, verifier: classifier, images, labels, rng });
      expect(evaded[0]).toBe(1);
      expect(NORMS[norm].distance(adversarial.data, images.data)).toBeLessThan(nearest + 1e-3);
    }
  });
});

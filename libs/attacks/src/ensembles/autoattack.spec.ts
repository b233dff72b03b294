import { evade, imageBatch, pixelBox, Rng } from '@rampart/core';
import { describeAttack, tanhNetwork } from '@rampart/testing';

import { attacks } from '../registry';
import { autoattack } from './autoattack';

// Short runs: what the laws are about does not depend on how long a component runs.
const short = { steps: 12, queries: 40 };

describeAttack(autoattack, { params: { epsilon: 0.1, ...short }, random: true });
describeAttack(autoattack, { params: { norm: 'l2', epsilon: 0.5, ...short }, random: true });
describeAttack(autoattack, { params: { norm: 'l1', epsilon: 1.5, ...short }, random: true });
describeAttack(autoattack, { params: { epsilon: 0.1, version: 'plus', ...short }, random: true });

describe('autoattack', () => {
  const shape = { channels: 1, height: 4, width: 4 };
  const box = pixelBox(0, 1);

  const run = async (classes: number, params: Record<string, string | number | boolean>) => {
    const rng = Rng.root('ensemble');
    const classifier = tanhNetwork({ shape, box, classes, hidden: 8, rng: rng.split('weights') });
    const images = imageBatch(
      Float32Array.from({ length: 16 * 12 }, () => rng.uniform()),
      shape,
      box,
    );
    const logits = await classifier.logits(images.data);
    const labels = Int32Array.from({ length: 12 }, (_, i) => {
      const row = logits.subarray(i * classes, (i + 1) * classes);
      return row.indexOf(Math.max(...row));
    });
    return evade({
      attack: attacks.resolve({ name: 'autoattack', params: { ...short, ...params } }),
      ...{ classifier, verifier: classifier, images, labels },
      rng: Rng.root(1),
    });
  };

  it('has the components of its authors, each on what those before left robust', async () => {
    const { stages, evaded } = await run(5, { epsilon: 0.02 });
    expect(stages.map(({ name }) => name)).toEqual(['apgd-ce', 'apgd-t', 'fab-t', 'square']);
    for (const [i, stage] of stages.entries()) {
      expect(stage.instances).toBe((i === 0 ? 12 : stages[i - 1]!.instances) - (i === 0 ? 0 : stages[i - 1]!.evaded));
    }
    expect(stages.reduce((sum, stage) => sum + stage.evaded, 0)).toBe(evaded.reduce((sum, one) => sum + one, 0));
    expect(stages.at(-1)!.gradientEvaluations).toBe(0);
  });

  it.each([2, 3])('says which loss takes the place of the targeted ratio with %i classes', async (classes) => {
    const { stages } = await run(classes, { epsilon: 0.001 });
    expect(stages.map(({ name }) => name)).toEqual(['apgd-ce', 'apgd-t (difference)', 'fab-t', 'square']);
  });

  it('has more components as plus, and averages answers as rand', async () => {
    const plus = await run(5, { epsilon: 0.001, version: 'plus' });
    expect(plus.stages.map(({ name }) => name)).toEqual(['apgd-ce', 'apgd-dlr', 'fab', 'square', 'apgd-t', 'fab-t']);
    const rand = await run(5, { epsilon: 0.001, version: 'rand' });
    expect(rand.stages.map(({ name }) => name)).toEqual(['apgd-ce', 'apgd-dlr']);
    expect(rand.stages[0]!.gradientEvaluations).toBe(12 * 13 * 20);
  });

  it('spends every step and query where it may not give up, and fewer where it may', async () => {
    const whole = await run(5, { epsilon: 0.001, giveUp: false });
    expect(whole.stages[1]!.gradientEvaluations).toBe(12 * 4 * 13);
    expect(whole.stages.at(-1)!.forwardEvaluations).toBe(12 * 40);
    const hopeful = await run(5, { epsilon: 0.001 });
    for (const [i, stage] of hopeful.stages.entries()) {
      const { gradientEvaluations, forwardEvaluations } = whole.stages[i]!;
      expect(stage.gradientEvaluations + stage.forwardEvaluations).toBeLessThanOrEqual(
        gradientEvaluations + forwardEvaluations,
      );
    }
    expect(hopeful.stages.at(-1)!.forwardEvaluations).toBeLessThan(12 * 40);
  });
});

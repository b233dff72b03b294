import { evade, imageBatch, NORMS, pixelBox, Registry, Rng } from '@rampart/core';
import { describeAttack, linearClassifier, linearDistances, tanhNetwork } from '@rampart/testing';

import { jsma } from './jsma';

describeAttack(jsma);

const box = pixelBox(0, 1);

async function attacked(params: object, classifier: ReturnType<typeof linearClassifier>, image: Float32Array) {
  const attack = new Registry('attack', [jsma]).resolve({ name: 'jsma', params: { ...params } });
  const { evaded, adversarial, gradientEvaluations } = await evade({
    ...{ attack, classifier, verifier: classifier, rng: Rng.root(1) },
    images: imageBatch(image, classifier.shape, box),
    labels: Int32Array.of(0),
  });
  return {
    distance: evaded[0] ? NORMS.l0.distance(adversarial.data, image) : Infinity,
    adversarial: adversarial.data,
    gradients: gradientEvaluations[0]!,
  };
}

describe('jsma on linear models', () => {
  it.each(['active', 'inactive'] as const)('changes as few features as there can be, with the box %s', async (form) => {
    for (const { found, exact } of await linearDistances(jsma, { gamma: 1 }, form)) expect(found).toBe(exact);
  });

  const shape = { channels: 1, height: 1, width: 6 };
  const model = (bias: number) =>
    linearClassifier({
      ...{ shape, box },
      weights: [
        [1, 2, 3, -4, -5, -6],
        [0, 0, 0, 0, 0, 0],
      ],
      bias: [bias, 0],
    });
  const grey = new Float32Array(6).fill(0.5);

  it('moves features only where it may', async () => {
    // From a margin of 0.5 up the fourth to sixth features lower it, down the first to third.
    const up = await attacked({ direction: 'up', gamma: 1 }, model(5), grey);
    const down = await attacked({ direction: 'down', gamma: 1 }, model(5), grey);
    expect(Array.from(up.adversarial)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 1]);
    expect(Array.from(down.adversarial)).toEqual([0.5, 0.5, 0, 0.5, 0.5, 0.5]);
  });

  it('moves a feature by theta of the width of the box', async () => {
    const { adversarial } = await attacked({ theta: 0.25, gamma: 1 }, model(5), grey);
    expect(Array.from(adversarial)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.75]);
  });

  it('changes at most gamma of the features', async () => {
    // To evade takes four features: 6 and 5 lower the margin by 5.5, 4 and 3 by 3.5.
    expect((await attacked({ gamma: 0.67 }, model(13), grey)).distance).toBe(4);
    expect((await attacked({ gamma: 0.5 }, model(13), grey)).distance).toBe(Infinity);
  });
});

it('jsma finds the one feature that is enough in small networks', async () => {
  const shape = { channels: 1, height: 1, width: 3 };
  let alone = 0;
  for (let trial = 0; trial < 30; trial++) {
    const rng = Rng.root('jsma').split(trial);
    const network = tanhNetwork({ shape, box, classes: 3, hidden: 6, rng });
    const image = Float32Array.from({ length: 3 }, () => rng.uniform());
    const logits = await network.logits(image);
    if (logits.indexOf(Math.max(...logits)) !== 0) continue;
    const { distance } = await attacked({ gamma: 1 }, network, image);
    // Brute force: every feature at either bound.
    let possible = false;
    for (let k = 0; k < 6; k++) {
      const corner = image.slice();
      corner[k % 3] = k < 3 ? 0 : 1;
      const moved = await network.logits(corner);
      possible ||= moved.indexOf(Math.max(...moved)) !== 0;
    }
    if (!possible) continue;
    alone++;
    expect(distance).toBeLessThanOrEqual(2);
  }
  expect(alone).toBeGreaterThan(2);
});

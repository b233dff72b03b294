import { evade, imageBatch, type Parameters, pixelBox, Registry, Rng } from '@rampart/core';
import { describeAttack, linearClassifier } from '@rampart/testing';

import { spatial } from './spatial';

describeAttack(spatial);
describeAttack(spatial, { params: { method: 'random', fill: 'edge' }, random: true });

const shape = { channels: 1, height: 7, width: 7 };
const box = pixelBox(0, 1);

/** A model that takes an image for class 0 where its pixel in the middle is brighter than another one. */
function brighterThan(row: number, column: number) {
  const weights = [new Array<number>(49).fill(0), new Array<number>(49).fill(0)];
  weights[0]![24] = 1;
  weights[1]![7 * row + column] = 1;
  return linearClassifier({ shape, box, weights, bias: [0.1, 0] });
}

/** A dot in the middle, or elsewhere, attacked. */
async function attacked(params: Parameters, classifier: ReturnType<typeof brighterThan>, dot = 24) {
  const data = new Float32Array(49);
  data[dot] = 1;
  const attack = new Registry('attack', [spatial]).resolve({ name: 'spatial', params });
  const { evaded, adversarial, forwardEvaluations, iterations } = await evade({
    ...{ attack, classifier, verifier: classifier, rng: Rng.root(1) },
    images: imageBatch(data, shape, box),
    labels: Int32Array.of(0),
  });
  return {
    evaded: evaded[0] === 1,
    image: Array.from(adversarial.data),
    forward: forwardEvaluations[0]!,
    iterations: iterations[0]!,
  };
}

describe('spatial', () => {
  it('finds a shift that takes a dot from one place to another', async () => {
    const { evaded, image } = await attacked({ translation: 2, shifts: 5 }, brighterThan(4, 5));
    expect(evaded).toBe(true);
    // The worst of the shifts takes it there as a whole.
    expect(image[7 * 4 + 5]).toBeCloseTo(1, 6);
  });

  it('finds no shift beyond its largest', async () => {
    const { evaded, iterations } = await attacked({ translation: 1, rotation: 0, rotations: 1 }, brighterThan(3, 6));
    expect(evaded).toBe(false);
    expect(iterations).toBe(25);
  });

  it('finds a rotation', async () => {
    // A dot on the right turns to the bottom and leaves the middle row.
    const weights = [new Array<number>(49).fill(0), new Array<number>(49).fill(0)];
    weights[0]![7 * 3 + 6] = 1;
    weights[1]![7 * 6 + 3] = 1;
    const classifier = linearClassifier({ shape, box, weights });
    const params = { translation: 0, shifts: 1, rotations: 3 };
    expect(await attacked({ ...params, rotation: 90 }, classifier, 27)).toMatchObject({ evaded: true });
    expect(await attacked({ ...params, rotation: 20 }, classifier, 27)).toMatchObject({ evaded: false });
  });

  it('tries the whole grid where nothing evades, and no more than a rotation where the first one does', async () => {
    const none = await attacked({ translation: 0.1 }, brighterThan(0, 0));
    expect(none.forward).toBe(1 + 31 * 25);
    const some = await attacked({ translation: 2 }, brighterThan(3, 5));
    expect(some.forward).toBe(1 + 25);
  });

  it('fills with black, or with the edge', async () => {
    // With a bright image what comes in from outside makes the difference.
    const bright = (fill: string) => {
      const weights = [new Array<number>(49).fill(0), new Array<number>(49).fill(0)];
      weights[0]![0] = 1;
      const classifier = linearClassifier({ shape, box, weights, bias: [-0.5, 0] });
      const attack = new Registry('attack', [spatial]).resolve({ name: 'spatial', params: { fill } });
      return evade({
        ...{ attack, classifier, verifier: classifier, rng: Rng.root(1) },
        images: imageBatch(new Float32Array(49).fill(1), shape, box),
        labels: Int32Array.of(0),
      });
    };
    expect((await bright('black')).evaded[0]).toBe(1);
    expect((await bright('edge')).evaded[0]).toBe(0);
  });
});

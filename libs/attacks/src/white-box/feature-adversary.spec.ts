import { evade, imageBatch, pixelBox, predictions, Registry, Rng } from '@rampart/core';
import { describeAttack, linearClassifier } from '@rampart/testing';

import { featureAdversary } from './feature-adversary';

describeAttack(featureAdversary, { params: { epsilon: 0.1 } });

const shape = { channels: 1, height: 4, width: 5 };
const box = pixelBox(0, 1);
const rng = Rng.root('features');
const weights = Array.from({ length: 3 }, () => Array.from({ length: 20 }, () => rng.normal()));
// Undecided about a grey image, so that every class has its part.
const bias = weights.map((row) => -0.5 * row.reduce((a, b) => a + b));
const classifier = linearClassifier({ shape, box, weights, bias });

async function attacked(data: Float32Array, labels: Int32Array, params: object, targets?: Int32Array) {
  const attack = new Registry('attack', [featureAdversary]).resolve({
    name: 'feature-adversary',
    params: { epsilon: 0.6, ...params },
  });
  return evade({
    ...{ attack, classifier, verifier: classifier, rng: Rng.root(1), ...(targets && { targets }) },
    images: imageBatch(data, shape, box),
    labels,
  });
}

/** Instances, with the classes that the model takes them for. */
async function instances(count: number) {
  const draw = Rng.root('instances');
  const data = Float32Array.from({ length: 20 * count }, () => draw.uniform());
  return { data, labels: predictions(await classifier.logits(data), 3) };
}

describe('feature-adversary', () => {
  it('takes on the logits of its guide where the ball has room for them', async () => {
    const { data, labels } = await instances(12);
    expect(new Set(labels).size).toBe(3);
    const { evaded } = await attacked(data, labels, { guides: 1 });
    expect(Array.from(evaded)).toEqual(new Array(12).fill(1));
  });

  it('takes a guide of the target class', async () => {
    const { data, labels } = await instances(12);
    const targets = labels.map((label) => (label + 1) % 3);
    const { evaded } = await attacked(data, labels, { guides: 1 }, targets);
    expect(Array.from(evaded)).toEqual(new Array(12).fill(1));
  });

  it('does what it can without a guide of another class, and alone in its set', async () => {
    const { data, labels } = await instances(12);
    const same = Array.from(labels.keys()).filter((i) => labels[i] === labels[0]);
    expect(same.length).toBeGreaterThan(1);
    const rows = Float32Array.from(same.flatMap((i) => Array.from(data.subarray(20 * i, 20 * i + 20))));
    const together = await attacked(
      rows,
      Int32Array.from(same, () => labels[0]!),
      {},
    );
    expect(together.iterations.every((steps) => steps > 0)).toBe(true);
    const alone = await attacked(data.slice(0, 20), labels.slice(0, 1), {});
    expect(alone.evaded[0]).toBe(1);
  });
});

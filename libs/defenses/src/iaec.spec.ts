import { featureCount, type ImageShape, PUBLICATION_BOX, Rng } from '@rampart/core';
import { createModel, stack } from '@rampart/models';
import { float32Tensor, Session } from '@rampart/onnx';
import { describeDefense } from '@rampart/testing';
import { adam, engineNamed, oneHot } from '@rampart/training';

import { RECONSTRUCTION } from './autoencoder-defense';
import { defenseArena } from './defense-arena.kit';
import { iaec, iaecObjective } from './iaec';

describeDefense(iaec, defenseArena({ attack: 'fgs(epsilon=0.4)', epochs: 30, batchSize: 16 }));

const COUNT = 5;
const SHAPE: ImageShape = { channels: 1, height: 16, width: 16 };
const LENET = 'lenet5(conv1=3, conv2=4, dense1=8, dense2=6)';

describe.each(['onnx', 'tfjs'])('the loss of the %s engine', (name) => {
  it.each([0.1, 1, 3])('is the mean squared error plus %d times the cross-entropy', async (weight) => {
    const features = featureCount(SHAPE);
    const make = (architecture: string, classes: number) =>
      createModel(architecture, { shape: SHAPE, classes, box: PUBLICATION_BOX, rng: Rng.root(architecture) });
    const model = await stack(await make('autoencoder', features), await make(LENET, 2));

    const rng = Rng.root('pixels');
    const pixels = () => Float32Array.from({ length: COUNT * features }, () => rng.uniform() - 0.5);
    const [fed, originals, labels] = [pixels(), pixels(), Int32Array.of(0, 1, 1, 0, 1)];
    const dims = [SHAPE.channels, SHAPE.height, SHAPE.width];
    const training = await engineNamed(name).start({ model, objective: iaecObjective(weight), optimiser: adam(1e-3) });
    const loss = await training.step(
      {
        images: { data: fed, shape: dims },
        originals: { data: originals, shape: dims },
        labels: { data: oneHot(labels, 2), shape: [2] },
      },
      COUNT,
    );
    await training.dispose();

    const session = await Session.open(model);
    const outputs = await session.run({ input: float32Tensor([COUNT, ...dims], fed) });
    await session.dispose();
    const [cleaned, logits] = [RECONSTRUCTION, 'logits'].map((output) => outputs[output]!.data as Float32Array);
    const squares = originals.reduce((sum, value, i) => sum + (cleaned![i]! - value) ** 2, 0);
    const surprise = labels.reduce((sum, label, row) => {
      const [own, other] = [logits![2 * row + label]!, logits![2 * row + 1 - label]!];
      return sum + Math.log1p(Math.exp(other - own));
    }, 0);
    expect(loss).toBeCloseTo(squares / originals.length + (weight * surprise) / COUNT, 5);
  });
});

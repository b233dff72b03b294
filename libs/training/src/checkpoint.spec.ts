import { PUBLICATION_BOX, RampartError, Rng } from '@rampart/core';
import { createModel } from '@rampart/models';
import { InterruptingCheckpoint } from '@rampart/testing';

import type { InnerAttack } from './inner-attack';
import { oneHot } from './objective';
import { adam, type Optimiser, sgd } from './optimiser';
import { train, type TrainOptions } from './train';

// A busy machine is slow, not wrong.
jest.setTimeout(60_000);

const SHAPE = { channels: 1, height: 16, width: 16 };
const COUNT = 22;
const EPOCHS = 4;

const INNER: InnerAttack = {
  ...{ from: 'images', to: 'made', output: 'logits', against: { view: 'labels' }, box: PUBLICATION_BOX },
  ...{ norm: 'linf', epsilon: 0.1, steps: 2, length: 0.05, start: 'uniform' },
};

async function options(changes: Partial<TrainOptions>): Promise<TrainOptions> {
  const rng = Rng.root('samples');
  const images = Float32Array.from({ length: COUNT * 256 }, () => rng.uniform() - 0.5);
  const labels = Int32Array.from({ length: COUNT }, (_, i) => i % 2);
  return {
    engine: 'onnx',
    model: await createModel('lenet5(conv1=3, conv2=4, dense1=10, dense2=6)', {
      shape: SHAPE,
      classes: 2,
      box: PUBLICATION_BOX,
      rng: Rng.root('model'),
    }),
    objective: { terms: [{ loss: 'cross-entropy', input: 'made', output: 'logits', target: 'labels' }] },
    optimiser: adam(0.01),
    data: {
      views: { images: { data: images, shape: [1, 16, 16] }, labels: { data: oneHot(labels, 2), shape: [2] } },
      count: COUNT,
    },
    inner: INNER,
    epochs: EPOCHS,
    // The last batch of an epoch has 6.
    batchSize: 8,
    schedule: 'one-cycle',
    rng: Rng.root('order'),
    ...changes,
  };
}

const optimisers: readonly (readonly [string, Optimiser])[] = [
  ['Adam', adam(0.01)],
  ['momentum', sgd(0.05)],
];

describe.each(['onnx', 'tfjs'])('a training that is stopped, by the engine %s', (engine) => {
  it.each([
    ...optimisers.map(([name, optimiser]) => [name, { optimiser }] as const),
    ['an exponential average', { averaging: { decay: 0.9 } }],
    ['an average over epochs', { averaging: { from: 0.5 } }],
    ['changes that an attack keeps', { inner: { ...INNER, steps: 1, start: { keptIn: 'changes' } } }],
    ['a free attack', { inner: { ...INNER, free: true, steps: 0 }, replays: 2 }],
  ] as readonly (readonly [string, Partial<TrainOptions>])[])(
    'goes on to the same bytes, with %s',
    async (_what, changes) => {
      const given = await options({ engine, ...changes });
      const undisturbed = await train(given);
      // Within the first epoch, before its small batch, at its end, in the second one.
      for (const after of [1, 2, 3, 5]) {
        const checkpoint = new InterruptingCheckpoint(after);
        await expect(train({ ...given, checkpoint, signal: checkpoint.signal })).rejects.toThrow(RampartError);
        const again = checkpoint.again();
        const gone = await train({ ...given, checkpoint: again });
        expect(Buffer.compare(gone.model, undisturbed.model)).toBe(0);
        expect(gone.losses).toEqual(undisturbed.losses);
        // Every batch that is left, and the end.
        expect(again.states).toHaveLength(3 * EPOCHS - after + 1);
      }
    },
  );
});

it('takes nothing of a training of another model, and nothing again of one that is over', async () => {
  const given = await options({});
  const checkpoint = new InterruptingCheckpoint(4);
  await expect(train({ ...given, checkpoint, signal: checkpoint.signal })).rejects.toThrow(RampartError);
  const model = await createModel('lenet5(conv1=2, conv2=4, dense1=10, dense2=6)', {
    ...{ shape: SHAPE, classes: 2, box: PUBLICATION_BOX, rng: Rng.root('model') },
  });
  const other = checkpoint.again();
  const anew = await train({ ...given, model, checkpoint: other });
  expect(other.states).toHaveLength(3 * EPOCHS + 1);
  expect(Buffer.compare(anew.model, (await train({ ...given, model })).model)).toBe(0);
  const over = other.again();
  expect(await train({ ...given, model, checkpoint: over })).toEqual(anew);
  expect(over.states).toEqual([]);
});

it('keeps and restores what changes along with it', async () => {
  let counted = 0;
  const beside = { keep: () => counted, restore: (kept: unknown) => (counted = kept as number) };
  const onEpoch = async () => (counted++, 'go on' as const);
  const given = await options({ beside, onEpoch });
  const checkpoint = new InterruptingCheckpoint(7);
  await expect(train({ ...given, checkpoint, signal: checkpoint.signal })).rejects.toThrow(RampartError);
  expect(counted).toBe(2);
  counted = 0;
  await train({ ...given, checkpoint: checkpoint.again() });
  expect(counted).toBe(EPOCHS);
});

import { attacks } from '@rampart/attacks';
import { Rng } from '@rampart/core';
import { withWeights } from '@rampart/models';
import { float32Tensor, readModel, writeModel } from '@rampart/onnx';

import { defenseArena } from '../defense-arena.kit';
import { JudgedEpochs } from './judged-epochs';

const { model, train, classes } = defenseArena({});

/** The arena's network as it favours class 0, with logits so large that the softmax is 0 or 1 and its slope 0. */
const masked = writeModel(
  withWeights(
    readModel(model),
    new Map([
      ['logits/kernel', float32Tensor([2, 2], Float32Array.of(1e4, -1e4, -1e4, 1e4))],
      ['logits/bias', float32Tensor([2], Float32Array.of(1.5e4, -1.5e4))],
    ]),
  ),
);

/** Which of two epochs is taken, the first of which is robust and the second seems to be. */
async function judged(mayMask: boolean) {
  const epochs = new JudgedEpochs(
    train,
    { patience: 0, keep: 'best', epochs: 2 },
    { threat: { norm: 'linf', epsilon: 0.1 }, mayMask },
    { ...{ model, train, classes, malicious: undefined, attacks, engine: 'onnx' }, rng: Rng.root(1) },
  );
  await epochs.begin();
  for (const [i, file] of [model, masked].entries()) {
    await epochs.after({ epoch: i + 1, loss: 0, model: () => Promise.resolve(file) });
  }
  const { facts, curves } = epochs.result({ model: masked, losses: [0, 0] });
  const robust = curves.filter(({ series }) => series === 'validation robust accuracy').map(({ y }) => y);
  return { kept: facts['epoch kept'], robust };
}

it('does not take an epoch that masks its gradients, where training may lead there', async () => {
  // What follows gradients sees nothing of it.
  expect(await judged(false)).toEqual({ kept: 2, robust: [1, 1, 1] });
  // Half of the instances, those of class 1, are no farther from the other class than epsilon.
  expect(await judged(true)).toEqual({ kept: 1, robust: [1, 1, expect.closeTo(0.5, 1)] });
});

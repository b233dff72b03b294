import * as tf from '@tensorflow/tfjs-core';

import type { Optimiser } from '../optimiser';

/** An optimiser of tfjs whose learning rate moves, and that can go on from where another one was. */
export interface TfjsOptimiser {
  /** @param rate multiplies the learning rate */
  apply(gradients: { name: string; tensor: tf.Tensor }[], rate: number): void;
  /** What it keeps from one step to the next, a copy; nothing before the first. */
  state(): Promise<Float32Array[]>;
  /** @param slots what `state` gave after so many steps, in the shapes of the weights; they are its own from now on */
  restore(steps: number, slots: readonly tf.Tensor[]): Promise<void>;
  dispose(): void;
}

export function tfjsOptimiser(optimiser: Optimiser): TfjsOptimiser {
  const { learningRate } = optimiser;
  if (optimiser.name === 'sgd') {
    const momentum = tf.train.momentum(learningRate, optimiser.momentum);
    return {
      apply(gradients, rate) {
        momentum.setLearningRate(learningRate * rate);
        momentum.applyGradients(gradients);
      },
      state: () => slotsOf(momentum),
      restore: (steps, slots) => setSlots(momentum, steps, slots),
      dispose: () => momentum.dispose(),
    };
  }
  const adam = tf.train.adam(learningRate, optimiser.beta1, optimiser.beta2, optimiser.epsilon);
  // It has no setters, but reads these fields at every step.
  const inside = adam as unknown as { learningRate: number; accBeta1: tf.Variable; accBeta2: tf.Variable };
  return {
    apply(gradients, rate) {
      inside.learningRate = learningRate * rate;
      adam.applyGradients(gradients);
    },
    async state() {
      const slots = await slotsOf(adam);
      if (slots.length === 0) return slots;
      return [...slots, Float32Array.of((await inside.accBeta1.data())[0]!, (await inside.accBeta2.data())[0]!)];
    },
    async restore(steps, slots) {
      if (slots.length === 0) return;
      await setSlots(adam, steps, slots.slice(0, -1));
      // The powers of beta, which it would compute otherwise than step by step.
      const powers = slots.at(-1)!;
      tf.tidy(() => {
        const [first, second] = tf.unstack(powers);
        inside.accBeta1.assign(first as tf.Scalar);
        inside.accBeta2.assign(second as tf.Scalar);
      });
      powers.dispose();
    },
    dispose: () => adam.dispose(),
  };
}

async function slotsOf(optimiser: tf.Optimizer): Promise<Float32Array[]> {
  const [, ...slots] = await optimiser.getWeights();
  return Promise.all(slots.map(async ({ tensor }) => Float32Array.from(await tensor.data())));
}

async function setSlots(optimiser: tf.Optimizer, steps: number, slots: readonly tf.Tensor[]): Promise<void> {
  const named = slots.map((tensor, index) => ({ name: `slot ${index}`, tensor }));
  const count = tf.scalar(steps, 'int32');
  await optimiser.setWeights([{ name: 'iter', tensor: count }, ...named]);
  tf.dispose([count, ...slots]);
}

import { type CurvePoint, defineDefense, type DefenseProblem, softmax } from '@rampart/core';
import { cardOf, createModel, openVerifier } from '@rampart/models';
import { adam, classification, oneHot, train } from '@rampart/training';
import { z } from 'zod';

import { retraining } from './retraining';

/**
 * Defensive distillation (Papernot et al. 2016, section IV; the publication's section 3): a teacher trained at
 * temperature T, its softmax at T over the training images as soft labels, a student of the same architecture trained
 * on them at T, deployed at temperature 1.
 */
export const distillation = defineDefense({
  name: 'distillation',
  summary: "Trains a student on a teacher's soft labels, both at temperature T, and deploys it at temperature 1.",
  source: 'Papernot, McDaniel, Wu, Jha, Swami 2016, "Distillation as a defense to adversarial perturbations"',
  version: 2,
  feasible: true,
  params: z.object({
    temperature: z
      .number()
      .positive()
      .default(100)
      .describe('Temperature T of teacher and student.')
      .meta({ shown: true }),
    epochs: retraining.epochs.default(8),
    batchSize: retraining.batchSize.default(64),
    learningRate: retraining.learningRate,
    weightDecay: retraining.weightDecay,
  }),
  async harden({ temperature, epochs, batchSize, learningRate, weightDecay }, problem) {
    const { train: data, classes, engine, rng, signal, onProgress, crew, device, checkpoint } = problem;
    const { channels, height, width } = data.images.shape;
    const curves: CurvePoint[] = [];
    const fit = async (role: 'teacher' | 'student', stage: number, labels: Float32Array): Promise<Uint8Array> => {
      const { model, losses } = await train({
        engine,
        model: await initialModel(problem, role),
        objective: classification({ temperature, weightDecay }),
        optimiser: adam(learningRate),
        data: {
          count: data.images.count,
          views: {
            images: { data: data.images.data, shape: [channels, height, width] },
            labels: { data: labels, shape: [classes] },
          },
        },
        epochs,
        batchSize,
        rng: rng.split(role),
        ...{ signal, crew, device, checkpoint },
        onProgress: ({ done, total, detail }) =>
          onProgress?.({
            done: stage + done / total,
            total: 2,
            unit: 'stages',
            detail: `${role}, ${detail ?? ''}`,
          }),
      });
      losses.forEach((y, epoch) => curves.push({ series: `${role} loss`, x: epoch + 1, y }));
      return model;
    };

    const teacher = await fit('teacher', 0, oneHot(data.labels, classes));
    const student = await fit('student', 1, await softLabels(teacher, problem, temperature));
    return { model: student, curves, facts: { temperature } };
  },
});

/** The teacher's softmax at a temperature over the training images: [images, classes]. */
export async function softLabels(
  teacher: Uint8Array,
  { train: data }: Pick<DefenseProblem, 'train'>,
  temperature: number,
): Promise<Float32Array> {
  const verifier = await openVerifier(teacher, { box: data.images.box });
  try {
    return Float32Array.from(softmax(await verifier.logits(data.images.data), verifier.classes, temperature));
  } finally {
    await verifier.dispose();
  }
}

/** Fresh weights of the undefended model's architecture; a file without one is trained on from its own weights. */
async function initialModel(
  { model, train: { images }, classes, rng }: DefenseProblem,
  role: string,
): Promise<Uint8Array> {
  const { architecture } = cardOf(model);
  if (!architecture) return model;
  return createModel(architecture, {
    shape: images.shape,
    classes,
    box: images.box,
    rng: rng.split(`${role}-weights`),
  });
}

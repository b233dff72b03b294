import { clip, defineDefense, type DefenseProblem, featureCount, type ImageBatch, RampartError } from '@rampart/core';
import { asRejecting, createModel, isRejecting } from '@rampart/models';
import { float32Tensor, normalise, readModel, Session, writeModel } from '@rampart/onnx';
import { adam, train, type Trained } from '@rampart/training';
import { z } from 'zod';

import { RECONSTRUCTION } from '../autoencoder-defense';
import { retraining } from '../retraining';
import { heldOut } from '../training/robust-validation';
import { type Detector, MEASURES, measuring, rejecting } from './detectors';

/** Instances of one evaluation of the detectors. */
const WINDOW = 256;

/** A threshold of 0 would have no excess. */
const LEAST = 1e-12;

const parameters = z
  .object({
    errors: z
      .array(z.enum(['l1', 'l2']))
      .default(['l1', 'l2'])
      .describe('Reconstruction errors that detect.'),
    temperatures: z
      .array(z.number().positive())
      .default([10])
      .describe('Temperatures at which the answers to an image and to its reconstruction are compared.'),
    falsePositives: z
      .number()
      .min(0)
      .lt(1)
      .default(0.005)
      .describe('Part of held-out instances that each detector may reject.')
      .meta({ shown: true }),
    validation: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.1)
      .describe('Part of the training data, 1000 instances at most, that is held out to find thresholds by.'),
    noise: z
      .number()
      .min(0)
      .default(0.1)
      .describe('Standard deviation of the noise that the autoencoder learns to remove, as a part of the box.'),
    epochs: retraining.epochs.default(12),
    batchSize: retraining.batchSize,
    learningRate: retraining.learningRate,
  })
  .refine(({ errors, temperatures }) => errors.length + temperatures.length > 0, {
    message: 'Expected a detector at least. Received errors=[] and temperatures=[]; with those alone there is aec',
  });

/**
 * MagNet (Meng and Chen 2017): an autoencoder that is trained on usual images alone moves others towards them before the
 * model sees them (the reformer), and detectors reject an image that it reconstructs badly, or whose reconstruction the
 * model answers otherwise. All of it is one graph, whose last column wins where an image is rejected.
 */
export const magnet = defineDefense({
  name: 'magnet',
  summary: 'Rejects images that an autoencoder of usual ones reconstructs badly, and reforms the others by it.',
  source: 'Meng, Chen 2017, "MagNet: a two-pronged defense against adversarial examples"',
  version: 2,
  keepsWeights: true,
  restorable: false,
  params: parameters,
  obfuscates: () => ['rejecting'],
  check(model) {
    if (isRejecting(readModel(model))) throw rejectsAlready();
  },
  async harden(params, problem) {
    const undefended = readModel(problem.model);
    if (isRejecting(undefended)) throw rejectsAlready();
    const { train: data, validation } = heldOut(problem, params.validation);
    if (!validation) throw nothingHeldOut(problem.train.images.count);
    const { model: trained, losses } = await usualImages(params, data.images, problem);
    const [autoencoder, model] = [normalise(readModel(trained)), normalise(undefended)];
    const detectors = detectorsOf(params);
    const measures = await measuresOf(writeModel(measuring(autoencoder, model, detectors)), validation.images);
    const thresholds = detectors.map((_, which) =>
      thresholdOf(
        measures.map((row) => row[which]!),
        params.falsePositives,
      ),
    );
    const rejected = measures.filter((row) => row.some((value, which) => value > thresholds[which]!)).length;
    const whole = rejecting(autoencoder, model, { detectors, thresholds: Float32Array.from(thresholds) });
    return {
      model: writeModel(asRejecting(whole)),
      curves: losses.map((y, epoch) => ({ series: 'training loss', x: epoch + 1, y })),
      facts: {
        'held-out instances': measures.length,
        'held-out rejection rate': rejected / measures.length,
        ...Object.fromEntries(detectors.map((one, which) => [`threshold of ${nameOf(one)}`, thresholds[which]!])),
      },
    };
  },
});

/** An autoencoder of usual images. */
async function usualImages(
  { noise, epochs, batchSize, learningRate }: z.output<typeof parameters>,
  { data, shape, box, count }: ImageBatch,
  { engine, rng, signal, crew, device, onProgress, checkpoint }: DefenseProblem,
): Promise<Trained> {
  const rows = { data, shape: [shape.channels, shape.height, shape.width] };
  const deviation = noise * (box.max - box.min);
  return train({
    ...{ engine, epochs, batchSize, signal, crew, device, onProgress, checkpoint },
    model: await createModel(
      { name: 'autoencoder', params: {} },
      { shape, classes: featureCount(shape), box, rng: rng.split('weights') },
    ),
    objective: { terms: [{ loss: 'mse', input: 'images', output: RECONSTRUCTION, target: 'originals' }] },
    optimiser: adam(learningRate),
    data: { count, views: { images: rows, originals: rows } },
    onBatch: ({ views, step }) => {
      const images = views['images']!.data;
      const drawn = rng.split('noise').split(step);
      for (let k = 0; k < images.length; k++) images[k] = clip(images[k]! + deviation * drawn.normal(), box);
    },
    rng: rng.split('train'),
  });
}

function detectorsOf({ errors, temperatures }: z.output<typeof parameters>): Detector[] {
  return [
    ...errors.map((norm): Detector => ({ error: norm === 'l1' ? 1 : 2 })),
    ...temperatures.map((temperature): Detector => ({ temperature })),
  ];
}

function nameOf(detector: Detector): string {
  return 'error' in detector ? `l${detector.error}` : `temperature ${detector.temperature}`;
}

/** What the detectors measure of each image. */
async function measuresOf(model: Uint8Array, { data, shape, count }: ImageBatch): Promise<Float32Array[]> {
  const session = await Session.open(model);
  const features = featureCount(shape);
  const rows: Float32Array[] = [];
  try {
    for (let start = 0; start < count; start += WINDOW) {
      const end = Math.min(count, start + WINDOW);
      const images = data.slice(start * features, end * features);
      const { [MEASURES]: measures } = await session.run({
        input: float32Tensor([end - start, shape.channels, shape.height, shape.width], images),
      });
      const [, size] = measures!.dims;
      for (let i = 0; i < end - start; i++) {
        rows.push((measures!.data as Float32Array).slice(i * size!, (i + 1) * size!));
      }
    }
    return rows;
  } finally {
    await session.dispose();
  }
}

/** The least of the values that no more than this part of them is above. */
function thresholdOf(values: readonly number[], part: number): number {
  const falling = values.toSorted((a, b) => b - a);
  return Math.max(LEAST, falling[Math.floor(part * values.length)]!);
}

function rejectsAlready(): RampartError {
  return new RampartError({
    code: 'usage',
    message:
      'Expected a model that answers every image. Received one that rejects some already: guard the model that it was made of.',
  });
}

function nothingHeldOut(count: number): RampartError {
  return new RampartError({
    code: 'usage',
    message: `Expected instances to find thresholds by. Received a validation part that holds out none of ${count}: raise validation, or the number of training instances.`,
  });
}

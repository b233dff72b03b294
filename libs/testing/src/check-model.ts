import {
  type AttackLoss,
  type DifferentiableClassifier,
  featureCount,
  type ImageBatch,
  imageBatch,
  isRampartError,
  type LossGradient,
  predictions,
  Rng,
  sliceBatch,
  lossOfLogits,
} from '@rampart/core';

import { derivativeDisagreement } from './finite-differences';
import { Broken, demand, describeLaws, judge, type Law, type LawCheck, once } from './law';

export interface ModelCheckOptions {
  /** Images to try it on, a handful; random ones inside its box when left out. */
  readonly images?: ImageBatch;
  /** Largest difference, relative to the largest logit or gradient, that counts as rounding. Default 1e-4. */
  readonly rounding?: number;
  /** Largest relative difference of a directional derivative from its finite difference. Default 0.03. */
  readonly tolerance?: number;
}

type Open = () => DifferentiableClassifier | Promise<DifferentiableClassifier>;

const LOSSES: readonly AttackLoss[] = ['cross-entropy', 'margin'];

/** Proves that a classifier with input gradients behaves. Every law is named in `Law.name`. */
export async function checkModel(open: Open, options: ModelCheckOptions = {}): Promise<Law[]> {
  return judge(modelLaws(open, options));
}

/** `checkModel` as one test a law. */
export function describeModel(name: string, open: Open, options: ModelCheckOptions = {}): void {
  describeLaws(`model ${name}`, modelLaws(open, options));
}

/** The laws of differentiable classifiers, as checks to run. */
export function modelLaws(open: Open, options: ModelCheckOptions = {}): LawCheck[] {
  const { rounding = 1e-4, tolerance = 0.03 } = options;
  const trial = once(async () => start(await open(), options.images));
  return [
    {
      name: 'gives one finite logit a class',
      async check() {
        const { model, images, logits } = await trial();
        demand(model.classes >= 2, () => `It has ${model.classes} classes. Expected at least 2.`);
        const expected = images.count * model.classes;
        demand(
          logits.length === expected,
          () =>
            `It gave ${logits.length} logits for ${images.count} images and ${model.classes} classes. Expected ${expected}.`,
        );
        const bad = logits.findIndex((value) => !Number.isFinite(value));
        demand(bad < 0, () => `It gave the logit ${logits[bad]} for image ${Math.floor(bad / model.classes)}.`);
      },
    },
    {
      name: 'gives the same logits for every batch size',
      async check() {
        const { model, images, logits } = await trial();
        for (let i = 0; i < images.count; i++) {
          const alone = await model.logits(sliceBatch(images, i, i + 1).data.slice());
          const among = logits.subarray(i * model.classes, (i + 1) * model.classes);
          demand(
            apart(alone, among) <= rounding * largest(logits),
            () => `Alone, image ${i} has the logits ${list(alone)}; among ${images.count} images ${list(among)}.`,
          );
        }
      },
    },
    {
      name: 'gives the same logits with the gradient as without',
      async check() {
        const { logits, gradients } = await trial();
        for (const loss of LOSSES) {
          demand(
            apart(gradients[loss].logits, logits) <= rounding * largest(logits),
            () =>
              `lossGradient for ${loss} gives the logits ${list(gradients[loss].logits)}; logits gives ${list(logits)}.`,
          );
        }
      },
    },
    {
      name: 'computes its losses from its logits',
      async check() {
        const { model, logits, labels, gradients } = await trial();
        for (const loss of LOSSES) {
          labels.forEach((label, i) => {
            const row = logits.subarray(i * model.classes, (i + 1) * model.classes);
            const expected = lossOfLogits(row, label, loss).value;
            const received = gradients[loss].losses[i]!;
            demand(
              Math.abs(received - expected) <= 2 * rounding * largest(logits),
              () =>
                `The ${loss} of image ${i}, logits ${list(row)} and label ${label}, is ${expected}. Received ${received}.`,
            );
          });
        }
      },
    },
    {
      name: 'has the gradient that finite differences show',
      async check() {
        const { model, images, labels, gradients } = await trial();
        for (const loss of LOSSES) {
          const found = await derivativeDisagreement(model, images, labels, loss, gradients[loss].gradient, tolerance);
          demand(
            found === undefined,
            () =>
              `The gradient of the ${loss} of image ${found!.image} is off: along ${found!.direction} it promises a slope of ${found!.promised}, and finite differences show ${found!.observed}.`,
          );
        }
      },
    },
    {
      name: 'gives every image a gradient of its own',
      async check() {
        const { model, images, labels, gradients } = await trial();
        const size = featureCount(model.shape);
        for (let i = 0; i < images.count; i++) {
          const alone = await model.lossGradient(
            sliceBatch(images, i, i + 1).data.slice(),
            labels.slice(i, i + 1),
            'cross-entropy',
          );
          const among = gradients['cross-entropy'].gradient.subarray(i * size, (i + 1) * size);
          demand(
            alone.gradient.length === size && apart(alone.gradient, among) <= 10 * rounding * largest(among),
            () =>
              `The gradient of image ${i} depends on the images beside it. Differentiate each image's own loss, not their mean.`,
          );
        }
      },
    },
    {
      name: 'refuses what is no whole number of images',
      async check() {
        const { model } = await trial();
        try {
          await model.logits(new Float32Array(featureCount(model.shape) + 1));
        } catch (error) {
          if (isRampartError(error) && error.code === 'bad-data') return;
          throw new Broken(`Expected a RampartError with code "bad-data". Received: ${String(error)}`);
        }
        throw new Broken(
          'It took an array that is one value longer than an image. Expected a RampartError "bad-data".',
        );
      },
    },
    {
      name: 'leaves its input alone',
      async check() {
        const { touched } = await trial();
        demand(!touched, () => 'It wrote into the images that it was given. Work on a copy.');
      },
    },
  ];
}

interface ModelTrial {
  readonly model: DifferentiableClassifier;
  readonly images: ImageBatch;
  readonly labels: Int32Array;
  readonly logits: Float32Array;
  readonly gradients: Readonly<Record<AttackLoss, LossGradient>>;
  readonly touched: boolean;
}

async function start(model: DifferentiableClassifier, given: ImageBatch | undefined): Promise<ModelTrial> {
  const images = given ?? randomImages(model);
  let touched = false;
  const handing = async <T>(ask: (handed: Float32Array) => Promise<T>): Promise<T> => {
    const handed = images.data.slice();
    const answer = await ask(handed);
    touched ||= handed.some((value, k) => value !== images.data[k]);
    return answer;
  };
  const logits = await handing((handed) => model.logits(handed));
  // Predicted and other classes, so that losses are small for some and large for others.
  const labels = predictions(logits, model.classes).map((label, i) => (label + (i % 2)) % model.classes);
  const gradients = {
    'cross-entropy': await handing((handed) => model.lossGradient(handed, labels, 'cross-entropy')),
    margin: await handing((handed) => model.lossGradient(handed, labels, 'margin')),
  };
  return { model, images, labels, logits, gradients, touched };
}

function randomImages({ shape, box }: DifferentiableClassifier): ImageBatch {
  const rng = Rng.root('images to check a model');
  const length = 5 * featureCount(shape);
  const data = Float32Array.from({ length }, () => box.min + (box.max - box.min) * rng.uniform());
  return imageBatch(data, shape, box);
}

/** Largest absolute difference; infinite where lengths differ or a value is NaN. */
function apart(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= most)) most = Number.isNaN(difference) ? Infinity : difference;
  }
  return most;
}

/** Largest absolute value, and at least a hair, so that a row of zeros equals itself. */
function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
}

function list(values: Float32Array): string {
  const shown = Array.from(values.slice(0, 6), (value) => value.toPrecision(6)).join(', ');
  return `[${shown}${values.length > 6 ? ', ...' : ''}]`;
}

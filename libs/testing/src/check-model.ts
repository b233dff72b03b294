import {
  type AttackLoss,
  type DifferentiableClassifier,
  type ErrorCode,
  featureCount,
  type ImageBatch,
  imageBatch,
  isRampartError,
  type LossGradient,
  lossOfLogits,
  margin,
  type Obfuscation,
  predictions,
  Rng,
  sliceBatch,
} from '@rampart/core';

import { derivativeDisagreement, type Disagreement, type LossesNear } from './finite-differences';
import { Broken, demand, describeLaws, judge, type Law, type LawCheck, once } from './law';

export interface ModelCheckOptions {
  /** Images to try it on, a handful; random ones inside its box when left out. */
  readonly images?: ImageBatch;
  /** Largest difference, relative to the largest logit or gradient, that counts as rounding. Default 1e-4. */
  readonly rounding?: number;
  /** Largest relative difference of a directional derivative from its finite difference. Default 0.03. */
  readonly tolerance?: number;
  /** What it hides gradients by on purpose: laws that cannot hold of such a model are left out. */
  readonly obfuscated?: readonly Obfuscation[];
}

/** A law, the models of which it cannot hold, and those that it is for, where it is not for all. */
interface ModelLaw extends LawCheck {
  readonly except?: readonly Obfuscation[];
  readonly only?: readonly Obfuscation[];
}

type Open = () => DifferentiableClassifier | Promise<DifferentiableClassifier>;

const LOSSES: readonly AttackLoss[] = ['cross-entropy', 'margin', 'difference', 'dlr', 'targeted-dlr'];

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
  const { rounding = 1e-4, tolerance = 0.03, obfuscated = [] } = options;
  const trial = once(async () => start(await open(), options.images));
  const laws: ModelLaw[] = [
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
      except: ['stochastic'],
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
      except: ['stochastic'],
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
      except: ['stochastic', 'rejecting'],
      async check() {
        const { model, logits, labels, rivals, gradients } = await trial();
        for (const loss of LOSSES) {
          labels.forEach((label, i) => {
            const row = logits.subarray(i * model.classes, (i + 1) * model.classes);
            const { value: expected, slope } = lossOfLogits(row, label, loss, rivals[i]);
            const received = gradients[loss].losses[i]!;
            const steepness = slope.reduce((sum, part) => sum + Math.abs(part), 0);
            demand(
              Math.abs(received - expected) <= Math.max(2, steepness) * rounding * largest(logits),
              () =>
                `The ${loss} of image ${i}, logits ${list(row)} and label ${label}, is ${expected}. Received ${received}.`,
            );
          });
        }
      },
    },
    {
      name: 'has a negative margin where its logits are wrong, and nowhere else',
      only: ['rejecting'],
      async check() {
        const { model, logits, labels, gradients } = await trial();
        const least = rounding * largest(logits);
        labels.forEach((label, i) => {
          const expected = margin(logits, i * model.classes, model.classes, label);
          const received = gradients.margin.losses[i]!;
          demand(
            expected < -least ? received < 0 : received >= -2 * least,
            () => `By its logits image ${i} has the margin ${expected}; lossGradient gives ${received}.`,
          );
        });
      },
    },
    {
      name: 'has the gradient that finite differences show',
      except: ['shattered', 'stochastic'],
      async check() {
        const { model, images, labels, rivals, gradients } = await trial();
        for (const loss of LOSSES) {
          // From logits, so that it does not rest on the losses that are judged elsewhere.
          const losses: LossesNear = async (points, i) => {
            if (obfuscated.includes('rejecting')) {
              const same = (of: Int32Array) => new Int32Array(points.length / featureCount(model.shape)).fill(of[i]!);
              return [...(await model.lossGradient(points, same(labels), loss, same(rivals))).losses];
            }
            const logits = await model.logits(points);
            return rows(logits, model.classes).map((row) => lossOfLogits(row, labels[i]!, loss, rivals[i]).value);
          };
          const found = await derivativeDisagreement(images, gradients[loss].gradient, losses, tolerance);
          demand(found === undefined, () => `The gradient of the ${loss} ${told(found!)}`);
        }
      },
    },
    {
      name: 'has the gradient of the distance of inner values that finite differences show',
      except: ['shattered', 'stochastic'],
      async check() {
        const { model, images, gradients } = await trial();
        const { inner, innerGradient } = model;
        if (!inner || !innerGradient) return;
        const values = await inner(images.data.slice());
        const size = values.length / images.count;
        // Half of what the next image has.
        const guides = values.map((_, k) => values[(k + size) % values.length]! / 2);
        const answer = await innerGradient(images.data.slice(), guides);
        const away = (row: Float32Array, image: number): number =>
          row.reduce((sum, value, k) => sum + (value - guides[image * size + k]!) ** 2, 0);
        rows(values, size).forEach((row, i) => {
          const [expected, received] = [away(row, i), answer.losses[i]!];
          demand(
            Math.abs(received - expected) <= 10 * rounding * Math.max(1e-6, expected),
            () => `The squared distance of image ${i} from its guide is ${expected}. Received ${received}.`,
          );
        });
        const { logits } = gradients['cross-entropy'];
        demand(
          apart(answer.logits, logits) <= rounding * largest(logits),
          () => `innerGradient gives the logits ${list(answer.logits)}; lossGradient gives ${list(logits)}.`,
        );
        const losses: LossesNear = async (points, i) => rows(await inner(points), size).map((row) => away(row, i));
        const found = await derivativeDisagreement(images, answer.gradient, losses, tolerance);
        demand(found === undefined, () => `The gradient of the distance ${told(found!)}`);
      },
    },
    {
      name: 'gives every image a gradient of its own',
      except: ['stochastic'],
      async check() {
        const { model, images, labels, rivals, gradients } = await trial();
        const size = featureCount(model.shape);
        for (let i = 0; i < images.count; i++) {
          for (const loss of LOSSES) {
            const one = sliceBatch(images, i, i + 1).data.slice();
            const alone = await model.lossGradient(one, labels.slice(i, i + 1), loss, rivals.slice(i, i + 1));
            const among = gradients[loss].gradient.subarray(i * size, (i + 1) * size);
            demand(
              alone.gradient.length === size && apart(alone.gradient, among) <= 10 * rounding * largest(among),
              () =>
                `The gradient of the ${loss} of image ${i} depends on the images beside it. Differentiate each image's own loss, not their mean.`,
            );
          }
        }
      },
    },
    {
      name: 'refuses to compare with a class that is not given',
      async check() {
        const { model, images, labels } = await trial();
        const ask = () => model.lossGradient(images.data.slice(), labels, 'difference');
        await refused(ask, 'usage', 'It took the loss "difference" without rivals.');
      },
    },
    {
      name: 'refuses what is no whole number of images',
      async check() {
        const { model } = await trial();
        const ask = () => model.logits(new Float32Array(featureCount(model.shape) + 1));
        await refused(ask, 'bad-data', 'It took an array that is one value longer than an image.');
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
  const holds = (one: Obfuscation) => obfuscated.includes(one);
  return laws.filter(({ except = [], only }) => !except.some(holds) && (only?.some(holds) ?? true));
}

interface ModelTrial {
  readonly model: DifferentiableClassifier;
  readonly images: ImageBatch;
  readonly labels: Int32Array;
  /** Another class than the label's. */
  readonly rivals: Int32Array;
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
  const rng = Rng.root('rivals to check a model');
  const rivals = labels.map((label) => (label + 1 + rng.integer(model.classes - 1)) % model.classes);
  const gradients = {} as Record<AttackLoss, LossGradient>;
  for (const loss of LOSSES) {
    gradients[loss] = await handing((handed) => model.lossGradient(handed, labels, loss, rivals));
  }
  return { model, images, labels, rivals, logits, gradients, touched };
}

async function refused(ask: () => Promise<unknown>, code: ErrorCode, taken: string): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (isRampartError(error) && error.code === code) return;
    throw new Broken(`Expected a RampartError with code "${code}". Received: ${String(error)}`);
  }
  throw new Broken(`${taken} Expected a RampartError "${code}".`);
}

function told({ image, direction, promised, observed }: Disagreement): string {
  return `of image ${image} is off: along ${direction} it promises a slope of ${promised}, and finite differences show ${observed}.`;
}

function rows(values: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: values.length / size }, (_, i) => values.subarray(i * size, (i + 1) * size));
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

import { type Dataset, isRampartError, RampartError, sliceBatch } from '@rampart/core';
import {
  batchInfluence,
  type DifferentiableOnnxClassifier,
  gradientNote,
  type GradientNote,
  withGradientNote,
  openClassifier,
} from '@rampart/models';
import { type Model, type Node, stepOperators, withOutputs } from '@rampart/onnx';

import { fitClasses } from './fit-classes';

/** How gradients are asked for. */
export interface GradientParams {
  readonly gradient: 'auto' | 'straight-through' | 'spsa';
  readonly samples: number;
  readonly radius: number;
}

/** What trying a model found out. */
export interface Trial {
  /** The one batch size that it runs at; undefined where it runs at any. */
  readonly batch: number | undefined;
  /** Columns of its logits. */
  readonly classes: number;
  /** How attacks are to make its gradients; undefined for those of its operators. */
  readonly note: GradientNote | undefined;
  /** The same in words: `exact`, `straight through Round`, `estimated from 64 queries (SPSA)`. */
  readonly gradient: string;
  /** Whether it draws random numbers. */
  readonly random: boolean;
  /** Sentences that a reader of its figures must know. */
  readonly caveats: readonly string[];
}

/** Test images that a file is tried on before anything else is done. */
const TRIED = 16;

/** Of the largest logit: what a different order of additions may change. */
const ROUNDING = 1e-3;

/**
 * Runs a model on some of a dataset's images: whether it has gradients, draws random numbers, or lets the images of a
 * batch influence each other.
 * @throws RampartError `bad-model` where its logits are not finite, or its classes are not the dataset's
 */
export async function tryModel(file: Model, params: GradientParams, dataset: Dataset): Promise<Trial> {
  const { box } = dataset;
  const classifier = await openClassifier(file, { box });
  try {
    const { classes } = classifier;
    const { test } = fitClasses(dataset, classes);
    const { data } = sliceBatch(test.images, 0, Math.min(TRIED, test.images.count));
    const labels = test.labels.slice(0, TRIED);
    const logits = await classifier.logits(data);
    const bad = logits.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new RampartError({
        code: 'bad-model',
        message: `Expected finite logits for the dataset's images. Received ${logits[bad]}. See its preprocessing.`,
      });
    }
    const random = (await classifier.logits(data)).some((value, i) => value !== logits[i]);
    const { batch } = classifier.prepared;
    const influenced = !random && batch === undefined && (await differsAlone(classifier, data, logits));
    const found = await gradientOf(file, classifier, data, labels, params);
    return {
      batch,
      classes,
      ...found,
      random,
      caveats: [
        ...(random ? [randomCaveat(classifier)] : []),
        ...(influenced ? [batchCaveat(classifier)] : []),
        ...(found.caveat === undefined ? [] : [found.caveat]),
      ],
    };
  } finally {
    await classifier.dispose();
  }
}

function batchCaveat({ prepared }: DifferentiableOnnxClassifier): string {
  const { text, remedy } = batchInfluence(prepared);
  return `${text}, so its figures depend on what is judged together. ${remedy}.`;
}

const RANDOM_OPERATORS = /^(Random|Bernoulli|Multinomial|Dropout)/;

function randomCaveat({ prepared: { model, logits } }: DifferentiableOnnxClassifier): string {
  const { nodes } = withOutputs(model, [logits]).graph;
  const drawing = [...new Set(nodes.filter(({ op }: Node) => RANDOM_OPERATORS.test(op)).map(({ op }) => op))];
  return `the same image gets other logits each time: it draws random numbers${drawing.length > 0 ? ` (${drawing.join(', ')})` : ''}. A figure is that of the draws it was measured with.`;
}

async function differsAlone(
  classifier: DifferentiableOnnxClassifier,
  images: Float32Array,
  together: Float32Array,
): Promise<boolean> {
  const { classes } = classifier;
  const count = together.length / classes;
  const size = images.length / count;
  const largest = together.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < count; i++) {
    const alone = await classifier.logits(images.subarray(i * size, (i + 1) * size));
    if (alone.some((value, j) => !(Math.abs(value - together[i * classes + j]!) <= ROUNDING * largest))) return true;
  }
  return false;
}

interface Gradients extends Pick<Trial, 'note' | 'gradient'> {
  readonly caveat: string | undefined;
}

/** Finds gradients that are of use: the operators' own, else straight through steps, else estimated ones. */
async function gradientOf(
  file: Model,
  classifier: DifferentiableOnnxClassifier,
  images: Float32Array,
  labels: Int32Array,
  { gradient, samples, radius }: GradientParams,
): Promise<Gradients> {
  const estimated = (reason: string): Gradients => ({
    note: { samples, radius },
    gradient: `estimated from ${2 * samples} queries (SPSA)`,
    caveat: `${reason}; attacks use gradients estimated from ${2 * samples} queries each (SPSA), so its figures are no white-box figures.`,
  });
  if (gradient === 'spsa') return estimated('its parameters ask for it');
  const { box, model, types, input, logits: to } = { ...classifier.prepared };
  const steps = stepOperators({ ...types, model }, { from: input, to }).operators.join(', ') || 'steps';
  const noted = gradientNote(file) === 'straight-through';
  const fault =
    gradient === 'straight-through' && !noted ? 'its parameters ask for it' : await faultOf(classifier, images, labels);
  if (fault === undefined)
    return { note: undefined, gradient: noted ? `straight through ${steps}` : 'exact', caveat: undefined };
  if (noted) return estimated(fault);
  const through = await openClassifier(withGradientNote(file, 'straight-through'), { box });
  try {
    if ((await faultOf(through, images, labels)) !== undefined) return estimated(fault);
  } finally {
    await through.dispose();
  }
  return {
    note: 'straight-through',
    gradient: `straight through ${steps}`,
    caveat: `${fault}; attacks pass gradients straight through ${steps} (BPDA), so they are those of a smooth model beside it.`,
  };
}

/** Why gradients are of no use; undefined where they are of some. */
async function faultOf(
  classifier: DifferentiableOnnxClassifier,
  images: Float32Array,
  labels: Int32Array,
): Promise<string | undefined> {
  try {
    const { gradient } = await classifier.lossGradient(images, labels, 'margin');
    if (gradient.some((value) => !Number.isFinite(value))) return 'its gradient is not finite';
    return gradient.every((value) => value === 0) ? 'its gradient is zero everywhere' : undefined;
  } catch (error) {
    if (!isRampartError(error) || error.code !== 'bad-model') throw error;
    return error.message.split('. ')[0]!;
  }
}

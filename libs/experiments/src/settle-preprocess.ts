import {
  argmax,
  companyOf,
  type Dataset,
  featureCount,
  type ImageBatch,
  imageBatch,
  isImage,
  isRampartError,
  type LabelledImages,
  softmax,
} from '@rampart/core';
import {
  formatPreprocess,
  knownPreprocess,
  openVerifier,
  parsePreprocess,
  type Preprocess,
  preprocessed,
  usualPreprocess,
} from '@rampart/models';
import type { Model } from '@rampart/onnx';

import { comparedSamples, isFarBetter, percent } from './compared-samples';
import { fitClasses } from './fit-classes';
import { isOwn, type OnnxFileParams, prepareOptions, readWholeModel } from './model-file';
import { turnedIndex } from './other-index';
import type { Warning } from './warning';

/** How a file's images are to be prepared, and what its reader must know of it. */
export interface SettledPreprocess {
  /** In place of what the parameters say, where they leave it open. */
  readonly preprocess: string;
  /** What was chosen, and why. */
  readonly notes: readonly string[];
  /** That something else would do far better: to be told before anything is attacked. */
  readonly warnings: readonly Warning[];
}

/** A model that is right on more is fed rightly, or nothing in its figures says otherwise. */
const RIGHT_ENOUGH = 0.9;

/**
 * Settles how images are prepared for a file. What its makers wrote down, in it or beside it, counts where the
 * parameters say nothing. Where few test samples are right, the usual ways are tried: with `auto` the best one is taken,
 * else a way that does far better is named.
 */
export async function settlePreprocess(params: OnnxFileParams, dataset: Dataset): Promise<SettledPreprocess> {
  const given = params.preprocess;
  const asked = given === 'auto';
  if (!isPictures(dataset)) return { preprocess: asked ? '' : given, notes: [], warnings: [] };
  const file = await readWholeModel(params.path);
  const own = isOwn(file, { ...params, preprocess: '' }, dataset);
  const known = (asked || given === '') && !own ? knownPreprocess(params.path, file.metadata) : undefined;
  const first = known ? formatPreprocess(known.preprocess) : asked ? '' : given;
  const name = params.name || params.path;
  const notes = known ? [`${name}: images are prepared as ${known.from} says: ${first}.`] : [];
  const plain = { preprocess: first, notes, warnings: [] };
  if (own) return plain;
  const tried = await comparison(file, { ...params, preprocess: first }, dataset);
  if (!tried) return plain;
  const { current, best, samples } = tried;
  const figures = `${percent(best.right, samples)} of ${samples} test samples are right with "${best.text}", ${percent(current.right, samples)} ${first === '' ? 'as they are fed without preprocessing' : `with "${first}"`}${best.turned ? ', where a large value speaks for the other class than it is taken for' : ''}`;
  if (asked) return { ...plain, preprocess: best.text, notes: [`${name}: images are prepared so: ${figures}.`] };
  return {
    ...plain,
    warnings: [
      {
        text: `${name}: ${figures}. The model seems to have been trained on images that were prepared otherwise: its figures mean little as they are. Pass --preprocess "${best.text}", or --preprocess auto.`,
        better: { preprocess: best.text, ...(best.turned && { positiveIndex: turnedIndex(params) }), figures },
      },
    ],
  };
}

function isPictures({ shape, samples }: Dataset): boolean {
  const company = companyOf(samples);
  if (company) return company.of === undefined && (isImage(company.shape) || company.shape.dims === undefined);
  return samples === undefined && (isImage(shape) || shape.dims === undefined);
}

/** Samples whose pixels are prepared in a way; what they bring along stays. */
function prepared(images: ImageBatch, { samples }: Dataset, preprocess: Preprocess): Float32Array {
  const company = companyOf(samples);
  if (!company) return preprocessed(images, preprocess);
  const { shape } = company;
  const [own, whole] = [featureCount(shape), featureCount(images.shape)];
  const values = images.data.slice();
  for (let i = 0; i < images.count; i++) {
    const pixels = imageBatch(images.data.subarray(i * whole, i * whole + own), shape, images.box);
    values.set(preprocessed(pixels, preprocess), i * whole);
  }
  return values;
}

/** How many samples a way gets right. */
interface Way {
  readonly text: string;
  readonly right: number;
  /** Mean cross-entropy: of two ways that get as many right, the less surprised one is the better. */
  readonly loss: number;
  readonly correct: readonly boolean[];
  /** Whether a large single value was taken to speak for the other class. */
  readonly turned: boolean;
}

interface Comparison {
  readonly samples: number;
  readonly current: Way;
  readonly best: Way;
}

/** The way given and the best one, where that is far better; undefined where none is, or the file is refused anyway. */
async function comparison(file: Model, params: OnnxFileParams, dataset: Dataset): Promise<Comparison | undefined> {
  try {
    return await compare(file, params, dataset);
  } catch (error) {
    // Taking the file says what is wrong with it.
    if (isRampartError(error)) return undefined;
    throw error;
  }
}

async function compare(file: Model, params: OnnxFileParams, dataset: Dataset): Promise<Comparison | undefined> {
  const { box } = dataset;
  const given = parsePreprocess(params.preprocess);
  const options = prepareOptions(params, dataset);
  const current = await openVerifier(file, options);
  let sample: LabelledImages;
  let first: Way;
  const way = async (text: string, values: Float32Array, asked: typeof current): Promise<Way> => {
    const logits = await asked.logits(values);
    const { classes } = asked;
    const answers = Array.from(sample.labels, (_, i) => argmax(logits, i * classes, classes));
    const likely = softmax(logits, classes, 1);
    // Which class a single value speaks for is another question, which preparing images otherwise is no answer to.
    const wrong = answers.filter((answer, i) => answer !== sample.labels[i]).length;
    const turned = asked.prepared.columns === 1 && 2 * wrong > answers.length;
    const labels = turned ? sample.labels.map((label) => 1 - label) : sample.labels;
    const correct = answers.map((answer, i) => answer === labels[i]);
    const losses = Array.from(labels, (label, i) => -Math.log(Math.max(likely[i * classes + label]!, 1e-30)));
    const loss = losses.reduce((sum, one) => sum + one, 0) / losses.length;
    return { text, correct, turned, right: correct.filter(Boolean).length, loss };
  };
  try {
    sample = comparedSamples(fitClasses(dataset, current.classes).test);
    first = await way(params.preprocess, sample.images.data, current);
  } finally {
    await current.dispose();
  }
  const samples = sample.labels.length;
  if (first.right > RIGHT_ENOUGH * samples) return undefined;
  let best = first;
  let tries = 0;
  const { channels } = companyOf(dataset.samples)?.shape ?? dataset.shape;
  for (const layout of layouts(given, channels)) {
    const bare = await openVerifier(file, {
      ...options,
      preprocess: { range: box, ...(layout && { layout }) },
    }).catch((error: unknown) => {
      if (isRampartError(error)) return undefined;
      throw error;
    });
    if (!bare) continue;
    try {
      for (const usual of usualPreprocess(channels)) {
        const preprocess: Preprocess = { ...usual, ...(layout && { layout }) };
        const one = await way(formatPreprocess(preprocess), prepared(sample.images, dataset, preprocess), bare);
        tries++;
        if (one.right > best.right || (one.right === best.right && one.loss < best.loss)) best = one;
      }
    } finally {
      await bare.dispose();
    }
  }
  return isFarBetter(best.correct, first.correct, tries) ? { samples, current: first, best } : undefined;
}

/** The layout given or seen in the file's shape, and where its sizes leave both open, the other one. */
function layouts({ layout }: Preprocess, channels: number): readonly Preprocess['layout'][] {
  return layout !== undefined || channels === 1 ? [layout] : [undefined, 'nhwc'];
}

import { checksum, type Dataset, formatComponent, predictions, RampartError, sliceBatch } from '@rampart/core';
import { openVerifier, restoreModel } from '@rampart/models';
import { type Model, normalise, readModel, writeModel } from '@rampart/onnx';

import { type OnnxFileParams, prepareOptions, readWholeModel } from './model-file';

/** How a hardened model came about. */
export interface Lineage {
  readonly defense: string;
  readonly dataset: string;
  readonly seed: number;
  /** Key of the run's plan. */
  readonly plan: string;
}

/** The metadata entry that tells where a hardened file comes from: a JSON list, the last hardening last. */
export const LINEAGE = 'rampart.lineage';

/** Test images on which the file must answer as the model that was trained. */
const COMPARED = 32;
const TOLERANCE = 1e-3;

/** Floats that training's weights are rounded to, and how far logits may move by it. */
const COARSE: ReadonlySet<string> = new Set(['float16', 'bfloat16']);
const COARSE_TOLERANCE = 0.05;

/** A hardened file. */
export interface HardenedFile {
  readonly bytes: Uint8Array;
  /** What rounding to the file's own float types has changed, if it was rounded. */
  readonly note: string | undefined;
}

/**
 * Gives a hardened model the interface of the file that it was made from: names, shapes and metadata of inputs and
 * outputs are the original's, and its lineage is added. Where its weights are rounded, it is judged again.
 * @param hardened the model as a run made it
 * @throws RampartError `contract` when the file would answer other than the model
 */
export async function hardenedFile(
  params: OnnxFileParams,
  hardened: Uint8Array,
  dataset: Dataset,
  lineage: Lineage,
): Promise<HardenedFile> {
  const original = await readWholeModel(params.path);
  const from = checksum(writeModel(original));
  const options = prepareOptions(params, dataset);
  const earlier = earlierLineage(original.metadata.get(LINEAGE));
  const file = await restoreModel(original, hardened, {
    ...options,
    metadata: { [LINEAGE]: JSON.stringify([...earlier, { from, ...lineage }]) },
  });
  const { count } = dataset.test.images;
  // Where the file's weights were not trained, the model that was judged has them as they are.
  const coarse = hasCoarse(original) && !hasCoarse(readModel(hardened));
  const { data } = sliceBatch(dataset.test.images, 0, coarse ? count : Math.min(COMPARED, count));
  const [before, after] = [await logitsOf(hardened, data, { box: dataset.box }), await logitsOf(file, data, options)];
  const [trained, restored] = [before.logits, after.logits];
  const scale = trained.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  const difference = trained.reduce((most, value, i) => Math.max(most, Math.abs(value - restored[i]!)), 0);
  const most = (coarse ? COARSE_TOLERANCE : TOLERANCE) * scale;
  if (!(difference <= most)) {
    throw new RampartError({
      code: 'contract',
      message: `The hardened file ${formatComponent({ name: 'onnx', params: { path: params.path } })} answers other than the model that was trained: logits differ by ${difference}. Expected at most ${most}.`,
    });
  }
  if (!coarse) return { bytes: file, note: undefined };
  const [were, are] = [before, after].map(({ logits, classes }) => predictions(logits, classes)) as [
    Int32Array,
    Int32Array,
  ];
  const others = were.filter((label, i) => label !== are[i]).length;
  return {
    bytes: file,
    note: `Its weights are rounded to the file's own float types again, which gives ${others} of ${count} test images another class than that of the float32 copy that figures are of.`,
  };
}

function hasCoarse(model: Model): boolean {
  return [model, normalise(model)].some(({ graph }) =>
    [...graph.initializers.values()].some(({ type }) => COARSE.has(type)),
  );
}

async function logitsOf(model: Uint8Array, images: Float32Array, options: Parameters<typeof openVerifier>[1]) {
  const verifier = await openVerifier(model, options);
  try {
    return { logits: await verifier.logits(images), classes: verifier.classes };
  } finally {
    await verifier.dispose();
  }
}

function earlierLineage(text: string | undefined): readonly unknown[] {
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as unknown[]) : [value];
  } catch {
    return [text];
  }
}

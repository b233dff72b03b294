import { checksum, type Dataset, formatComponent, RampartError, sliceBatch } from '@rampart/core';
import { openVerifier, restoreModel } from '@rampart/models';
import { writeModel } from '@rampart/onnx';

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

/**
 * Gives a hardened model the interface of the file that it was made from: names, shapes and metadata of inputs and
 * outputs are the original's, and its lineage is added.
 * @param hardened the model as a run made it
 * @throws RampartError `contract` when the file would answer other than the model
 */
export async function hardenedFile(
  params: OnnxFileParams,
  hardened: Uint8Array,
  dataset: Dataset,
  lineage: Lineage,
): Promise<Uint8Array> {
  const original = await readWholeModel(params.path);
  const from = checksum(writeModel(original));
  const options = prepareOptions(params, dataset);
  const earlier = earlierLineage(original.metadata.get(LINEAGE));
  const file = await restoreModel(original, hardened, {
    ...options,
    metadata: { [LINEAGE]: JSON.stringify([...earlier, { from, ...lineage }]) },
  });
  const { data } = sliceBatch(dataset.test.images, 0, Math.min(COMPARED, dataset.test.images.count));
  const [trained, restored] = [
    await logitsOf(hardened, data, { box: dataset.box }),
    await logitsOf(file, data, options),
  ];
  const scale = trained.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  const difference = trained.reduce((most, value, i) => Math.max(most, Math.abs(value - restored[i]!)), 0);
  if (!(difference <= TOLERANCE * scale)) {
    throw new RampartError({
      code: 'contract',
      message: `The hardened file ${formatComponent({ name: 'onnx', params: { path: params.path } })} answers other than the model that was trained: logits differ by ${difference}. Expected at most ${TOLERANCE * scale}.`,
    });
  }
  return file;
}

async function logitsOf(model: Uint8Array, images: Float32Array, options: Parameters<typeof openVerifier>[1]) {
  const verifier = await openVerifier(model, options);
  try {
    return await verifier.logits(images);
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

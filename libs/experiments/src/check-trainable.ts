import { RampartError } from '@rampart/core';
import { classifierForm, inFloat32 } from '@rampart/models';
import { type Graph, type Model, normalise, readModel } from '@rampart/onnx';
import { trainableInitializers } from '@rampart/training';

import type { Experiment } from './experiment';
import { type OnnxFileParams, readWholeModel, type TakenModel } from './model-file';

/** What a model file must be that a defense is to train. */
type Trained = Pick<Experiment, 'defenses'>;

/** Whether a defense changes weights of the model that it is given. */
export function trainsWeights({ defenses }: Trained): boolean {
  return defenses.some(({ definition }) => !definition.keepsWeights);
}

/**
 * That defenses can train a model file.
 * @throws RampartError `bad-model` where the file runs at one batch size only, has no weights that can be trained, or is
 *   none that a defense can be built around
 */
export function checkTrainable({ defenses }: Trained, path: string, { model, batch }: TakenModel): void {
  if (defenses.length === 0) return;
  if (batch !== undefined) {
    throw cannotBeTrained(
      path,
      `it runs at batch size ${batch} only. Expected one whose batch size is free, as training takes batches of several sizes: export it with a dynamic batch axis.`,
    );
  }
  for (const { definition } of defenses) definition.check?.(model);
  if (!trainsWeights({ defenses })) return;
  const { graph } = normalise(readModel(model));
  if (trainableInitializers(graph).length === 0) throw cannotBeTrained(path, reasonOf(graph));
}

/** Bytes that a protocol buffer, and with it an ONNX file of one piece, has at most. */
const LARGEST_FILE = 2 ** 31 - 1;

/**
 * That what a defense makes of a model file can be written back to it.
 * @param largest bytes of weights that a file takes
 * @throws RampartError `bad-model` where its weights are in no place that training changes, or too large for one file
 */
export async function checkHardenable(
  { defenses }: Trained,
  { path }: OnnxFileParams,
  largest = LARGEST_FILE,
): Promise<void> {
  const lost = defenses.find(({ definition }) => definition.restorable === false);
  if (lost) {
    throw new RampartError({
      code: 'usage',
      message: `What ${lost.label} makes cannot be written back into ${path}: it is no front that samples pass on their way to the model. Name it under "defenses" in an experiment file instead; the run keeps its model.`,
    });
  }
  const file = await readWholeModel(path);
  const bytes = sizeOf(file);
  if (bytes > largest) {
    throw new RampartError({
      code: 'bad-model',
      message: `${path} cannot be hardened: its weights take ${(bytes / 1e9).toFixed(2)} GB, and a hardened file, which has its weights inside, takes ${(largest / 1e9).toFixed(2)} GB at most. Harden a smaller model.`,
    });
  }
  if (!trainsWeights({ defenses })) return;
  const own = normalise(file).graph.initializers;
  const { graph } = inFloat32(classifierForm(file));
  const trainable = trainableInitializers(graph);
  if (trainable.some((name) => own.has(name))) return;
  throw cannotBeTrained(
    path,
    trainable.length === 0
      ? reasonOf(graph)
      : 'its weights are attributes of operators of ai.onnx.ml, to which nothing can be written back. Export it with weights as initializers, or train it in an experiment file, which writes no file.',
  );
}

const QUANTISED = /^(DequantizeLinear|QLinear|MatMulInteger|ConvInteger|DynamicQuantize)/;

function reasonOf({ nodes }: Graph): string {
  const learning = nodes.find(({ domain }) => domain === 'ai.onnx.ml');
  if (nodes.some(({ op }) => QUANTISED.test(op))) {
    return 'its weights are quantised, and steps of training are finer than theirs. Harden the model before it is quantised.';
  }
  if (learning) return `${learning.op} has no weights that gradients could train.`;
  return 'it has no weights to train: expected floating-point initializers that a Conv, Gemm, MatMul or normalisation uses.';
}

/** Bytes of all weights. */
function sizeOf({ graph }: Model): number {
  let bytes = 0;
  for (const { data } of graph.initializers.values()) bytes += ArrayBuffer.isView(data) ? data.byteLength : 0;
  return bytes;
}

function cannotBeTrained(path: string, reason: string): RampartError {
  return new RampartError({ code: 'bad-model', message: `${path} cannot be trained: ${reason}` });
}

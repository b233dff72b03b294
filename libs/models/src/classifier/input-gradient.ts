import { type AttackLoss, RampartError } from '@rampart/core';
import { float32Tensor, type Model, probe, type ValueInfo } from '@rampart/onnx';

import { type BatchedFeed, BatchedSession } from './batched-session';
import { classMasks } from './class-masks';
import { findLogits, type HeadOptions } from './head';
import { lossGradient } from './loss-gradient';
import { formatDims } from './preprocess';
import { classifierForm, onlyInput } from './prepare';

/** Rows of one run where the batch size is free. */
const ROWS = 64;

export interface InputGradientOptions extends HeadOptions {
  /** A batch in the model's own layout, as it would be fed. */
  readonly input: { readonly shape: readonly number[]; readonly data: Float32Array };
  /** One class index a row. */
  readonly labels: Int32Array;
  readonly loss: AttackLoss;
  /** One other class a row, for the losses that compare with one. */
  readonly rivals?: Int32Array;
}

/** Losses of a batch and their gradient. */
export interface InputGradient {
  /** [rows, classes] */
  readonly logits: Float32Array;
  readonly classes: number;
  /** One loss a row. */
  readonly losses: Float32Array;
  /** The gradient of the summed losses with respect to the input, of the input's shape. */
  readonly gradient: Float32Array;
}

/**
 * The gradient of a loss with respect to what a model is fed, nothing in between: neither layout nor preprocessing.
 * Rows do not influence each other, so the gradient of the sum holds each row's own.
 * @throws RampartError `bad-model` when the model is no classifier of float32 rows, or an operator has no gradient
 * @throws RampartError `bad-data` when input and labels do not fit the model or each other
 */
export async function inputGradient(file: Uint8Array | Model, options: InputGradientOptions): Promise<InputGradient> {
  const { input, labels, loss, rivals } = options;
  const model = classifierForm(file);
  const info = onlyInput(model);
  checkInput(info, input.shape);
  const [count = 0, ...row] = input.shape;
  const fixed = typeof info.dims?.[0] === 'number' ? info.dims[0] : undefined;
  const features = row.reduce((product, size) => product * size, 1);
  const sized = { ...info, dims: [fixed ?? 'batch', ...row] };
  const sizedModel = { ...model, graph: { ...model.graph, inputs: [sized] } };
  const example = new Float32Array((fixed ?? 2) * features);
  for (let i = 0; i < example.length; i++) example[i] = input.data[i % input.data.length]!;
  const feeds = { [info.name]: float32Tensor([fixed ?? 2, ...row], example) };

  const probed = await probe(sizedModel, { feeds });
  const headed = findLogits(probed, options);
  const { classes } = headed;
  const batch = fixed ?? probed.batch;
  const derived = await lossGradient(headed, { loss, input: info.name, types: probed, batch, feeds });
  const rows: BatchedFeed = { type: 'float32', data: input.data, dims: row };
  const masks = classMasks(derived, { labels, rivals, count, classes });
  const session = await BatchedSession.open(derived.model, { fixed: batch, largest: ROWS });
  try {
    const [logits, losses, gradient] = await session.run({ [info.name]: rows, ...masks }, count);
    return { logits: logits!, classes, losses: losses!, gradient: gradient! };
  } finally {
    await session.dispose();
  }
}

function checkInput(info: ValueInfo, shape: readonly number[]): void {
  if (info.type !== 'float32') {
    throw new RampartError({
      code: 'bad-model',
      message: `Expected a model whose input "${info.name}" is of float32. Received ${info.type}.`,
    });
  }
  const { dims } = info;
  const fits =
    shape.length > 0 &&
    shape[0]! > 0 &&
    (!dims ||
      (dims.length === shape.length &&
        dims.every((dim, axis) => axis === 0 || typeof dim !== 'number' || dim === shape[axis])));
  if (fits) return;
  throw new RampartError({
    code: 'bad-data',
    message: `Expected inputs of the shape that the model's input "${info.name}" has, ${formatDims(info)}, one or more rows. Received an array of shape [${shape.join(', ')}].`,
  });
}

import { type AttackLoss, RampartError, unknownName } from '@rampart/core';
import { float32Tensor, type Model, probe, type ValueInfo, type ValueTypes } from '@rampart/onnx';

import { chosenBy, noGradient, takesIntegers } from '../inputs/as-taken';
import { withFloatInput } from '../inputs/float-input';
import { type HeldInputs, withHeldInputs } from '../inputs/held-inputs';
import { type BatchedFeed, BatchedSession } from './batched-session';
import { classMasks } from './class-masks';
import { findLogits, type HeadOptions } from './head';
import { lossGradient } from './loss-gradient';
import { formatDims } from './preprocess';
import { classifierForm } from './prepare';
import { rowsAtOnce } from './rows-at-once';

export interface InputGradientOptions extends HeadOptions {
  /** A batch in the model's own layout, as it would be fed; the numbers, whatever type the file takes them as. */
  readonly input: { readonly shape: readonly number[]; readonly data: Float32Array };
  /** One class index a row. */
  readonly labels: Int32Array;
  readonly loss: AttackLoss;
  /** One other class a row, for the losses that compare with one. */
  readonly rivals?: Int32Array;
  /** What the inputs that are not differentiated are held at, by name. */
  readonly held?: HeldInputs;
  /** The value to differentiate with respect to, by its name in the file. Default: the input. */
  readonly attackAt?: string;
}

/** Losses of a batch and their gradient. */
export interface InputGradient {
  /** [rows, classes] */
  readonly logits: Float32Array;
  readonly classes: number;
  /** One loss a row. */
  readonly losses: Float32Array;
  /** The gradient of the summed losses with respect to the input, or to the value asked for. */
  readonly gradient: Float32Array;
  /** Its shape. */
  readonly shape: readonly number[];
}

/**
 * The gradient of a loss with respect to what a model is fed, nothing in between: neither layout nor preprocessing.
 * Rows do not influence each other, so the gradient of the sum holds each row's own.
 * @throws RampartError `bad-model` when the model is no classifier of rows of numbers, or an operator has no gradient
 * @throws RampartError `bad-data` when input and labels do not fit the model or each other
 */
export async function inputGradient(file: Uint8Array | Model, options: InputGradientOptions): Promise<InputGradient> {
  const { input, labels, loss, rivals } = options;
  const taken = withHeldInputs(classifierForm(file), options.held);
  const model = withFloatInput(taken);
  const [info] = model.graph.inputs as [ValueInfo];
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
  const headed = await findLogits(probed, feeds, options);
  const { classes } = headed;
  const batch = fixed ?? probed.batch;
  const at = attackedValue(taken, probed, options.attackAt);
  const straightThrough = takesIntegers(taken.graph.inputs[0]!);
  const derived = await lossGradient(headed, {
    loss,
    input: at,
    types: probed,
    batch,
    feeds,
    straightThrough,
    exact: true,
  });
  const rows: BatchedFeed = { type: 'float32', data: input.data, dims: row };
  const masks = classMasks(derived, { labels, rivals, count, classes });
  const session = await BatchedSession.open(derived.model, { fixed: batch, largest: rowsAtOnce(probed) });
  try {
    const [logits, losses, gradient] = await session.run({ [info.name]: rows, ...masks }, count);
    const values = probed.values.get(at)!.dims.slice(1).map(Number);
    return { logits: logits!, classes, losses: losses!, gradient: gradient!, shape: [count, ...values] };
  } finally {
    await session.dispose();
  }
}

/** The value that is differentiated with respect to. @throws RampartError where it has no gradient */
function attackedValue(taken: Model, { values, batch }: ValueTypes, name: string | undefined): string {
  const [input] = taken.graph.inputs as [ValueInfo];
  if (name === undefined) {
    const chosen = takesIntegers(input) ? chosenBy(taken, input.name) : undefined;
    if (chosen) throw noGradient(input, chosen.value);
    return input.name;
  }
  const value = values.get(name);
  if (!value) throw unknownName('value', name, [...values.keys()]);
  const [count, ...row] = value.dims;
  const rows = count === (batch ?? 'batch') && row.every((size) => typeof size === 'number');
  if (rows && value.type === 'float32') return name;
  throw new RampartError({
    code: 'usage',
    message: `Expected a value of float32 with a row a sample to differentiate with respect to. Received "${name}", ${value.type}[${value.dims.join(', ')}].`,
  });
}

function checkInput(info: ValueInfo, shape: readonly number[]): void {
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

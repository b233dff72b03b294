import { argmax } from '@rampart/core';
import { GraphBuilder, type Node, type ValueType, type ValueTypes, withOutputs } from '@rampart/onnx';

import { BatchedSession, type BatchedSessionOptions } from './batched-session';
import { classRows, type HeadOptions, rowSize } from './head';
import type { PreparedModel } from './prepare';

/** What a look at a model's answers needs. */
export interface LookOptions extends HeadOptions {
  /** [count, features] */
  readonly images: Float32Array;
  readonly session: BatchedSessionOptions;
}

/** Answers may be tied, as those of rounded probabilities are; of at least this part of the images they must not be. */
const DECIDED = 0.1;

/** Logits that differ by less than this part of the largest are the same. */
const SAME = 1e-6;

/**
 * The model with the earliest inner value as logits that decides as the present logits do on all of the images: what a
 * softmax, a temperature, a one-hot code or a hand-written squashing was made of. Undefined where the logits that it has
 * are that already.
 */
export async function withInnerLogits(
  prepared: PreparedModel,
  options: LookOptions,
): Promise<PreparedModel | undefined> {
  const { types, output, model, classes } = prepared;
  const wanted = rowSize(types.values.get(output)!.dims) === 1 ? 1 : classes;
  const builder = new GraphBuilder(model.graph);
  const rows = waysTo(prepared)
    // Of an operator's own probabilities the logarithms are taken already.
    .filter(
      (name) => rowsPerSample(prepared, name) === wanted && !(name === output && prepared.unwrapped === 'logarithms'),
    )
    .map((name) => classRows(builder, name, types.values.get(name)!, options).logits);
  const viewed = { ...model, graph: builder.build(model.graph.name) };
  const answers = await answersOf(prepared, viewed, [...new Set([prepared.logits, ...rows])], options);
  const present = answers.get(prepared.logits)!;
  const found = rows.find((name) => agrees(answers.get(name)!, present, classes));
  if (found === undefined || isSame(answers.get(found)!, present, classes)) return undefined;
  return { ...prepared, model: viewed, logits: found, kind: 'logits', rejection: undefined };
}

/** The values of floats on the ways to the logits, the earliest first, without those that wait for their bias. */
function waysTo({ types, model, logits }: PreparedModel): readonly string[] {
  const { nodes } = withOutputs(model, [logits]).graph;
  const unbiased = new Set(nodes.filter(({ op }) => op === 'Add').flatMap((node) => withoutBias(node, types)));
  return nodes
    .flatMap(({ outputs }) => outputs)
    .filter((name) => {
      const value = types.values.get(name);
      const varies = !types.fixed.has(name) && !types.constants.has(name);
      return value !== undefined && varies && isFloat(value) && !unbiased.has(name);
    });
}

/** What a sum adds a row of constants to. */
function withoutBias({ inputs }: Node, { fixed, values }: ValueTypes): readonly string[] {
  const isRow = (name: string) => fixed.has(name) && values.get(name)!.dims.some((dim) => dim !== 1);
  return inputs.some(isRow) ? inputs.filter((name) => !isRow(name)) : [];
}

const isFloat = ({ type }: ValueType) => type === 'float32' || type === 'float64' || type === 'float16';

/** The length of the row that a value has for each sample; undefined where it has none, or an image or a sequence. */
function rowsPerSample({ types, batch }: PreparedModel, name: string): number | undefined {
  const { dims } = types.values.get(name)!;
  if (dims[0] !== (batch ?? 'batch') || dims.filter((dim) => dim !== 1).length > 2) return undefined;
  return rowSize(dims);
}

/** What the values of these names, rows of classes, are for some images. */
export async function answersOf(
  { input, shape }: PreparedModel,
  model: PreparedModel['model'],
  names: readonly string[],
  { images, session: options }: LookOptions,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { channels, height, width } = shape;
  const session = await BatchedSession.open(withOutputs(model, names), options);
  try {
    const feed = { type: 'float32', data: images, dims: [channels, height, width] } as const;
    const results = await session.run({ [input]: feed }, images.length / (channels * height * width));
    return new Map(names.map((name, i) => [name, results[i]!]));
  } finally {
    await session.dispose();
  }
}

/**
 * Whether the largest value of each row is among the largest of the other's, and not by chance: where all rows decide
 * for one class, anything may.
 */
function agrees(rows: Float32Array, decided: Float32Array, classes: number): boolean {
  const count = decided.length / classes;
  const seen = new Set<number>();
  let clear = 0;
  for (let row = 0; row < decided.length; row += classes) {
    const decision = argmax(decided, row, classes);
    const largest = decided[row + decision]!;
    if (decided[row + argmax(rows, row, classes)] !== largest) return false;
    if (decided.subarray(row, row + classes).filter((value) => value === largest).length > 1) continue;
    seen.add(decision);
    clear++;
  }
  return clear >= DECIDED * count && seen.size > 1;
}

/** Whether logits are the same but for a number that is added to all of a row, which no loss sees. */
function isSame(rows: Float32Array, present: Float32Array, classes: number): boolean {
  const largest = present.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return rows.every((value, i) => {
    const first = i - (i % classes);
    return Math.abs(value - rows[first]! - (present[i]! - present[first]!)) <= SAME * largest;
  });
}

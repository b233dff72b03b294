import { RampartError } from '@rampart/core';
import {
  elementCount,
  GraphBuilder,
  int64Vector,
  type Model,
  Session,
  type Tensor,
  type ValueInfo,
  type ValueType,
  type ValueTypes,
  withOutputs,
} from '@rampart/onnx';

import { oneValue, pairOf, type TwoLogits } from '../head/one-value';
import { chooseOutput, type OutputOptions } from '../head/outputs';
import { Reading, rowSize } from '../head/reading';
import type { Rejection } from '../head/rejection';
import { pairedColumns, type RowsSeen, severalClasses } from '../head/several-classes';
import { readCard } from '../model-card';

export { TINY } from '../head/logarithm';
export { rowSize } from '../head/reading';

/**
 * What a model's output is. `softmax` stands for probabilities of classes that sum to the same for all samples, however
 * they are made, `sigmoid` for a probability of each class by itself, or of one class of two; `hard-labels` for a 1 at the
 * class decided for and zeros.
 */
export type OutputKind = 'logits' | 'softmax' | 'log-softmax' | 'sigmoid' | 'hard-labels';

/** What an output is, and how the logits were got at. */
export interface HeadForm {
  readonly kind: OutputKind;
  /** `exact`: a value before the output that decides alike; `logarithms`: those of the output's own values. */
  readonly unwrapped: 'exact' | 'logarithms' | 'none';
}

/** A model with its logits as a value of their own. */
export interface Headed extends HeadForm {
  readonly model: Model;
  /** The value [batch, classes] to take as logits. */
  readonly logits: string;
  readonly classes: number;
  /** The model's output that it comes from. */
  readonly output: string;
  /** Numbers a sample of that output. */
  readonly columns: number;
  /** Of a model that may reject samples, what decides that. */
  readonly rejection?: Rejection | undefined;
}

export interface HeadOptions extends OutputOptions {
  /** For a model with a single value a sample: the class, 0 or 1, that a large value speaks for. Default 1. */
  readonly positiveIndex?: number;
}

/** Rows that sum to the same differ by no more than this part of it. */
const ROUNDING = 1e-3;

/**
 * The model without the final ZipMap that skl2onnx writes by default, which turns rows of probabilities into a
 * sequence of dictionaries.
 */
export function withoutZipMap(model: Model): Model {
  const maps = new Map(
    model.graph.nodes
      .filter(({ op, domain }) => op === 'ZipMap' && domain === 'ai.onnx.ml')
      .map(({ inputs, outputs }) => [outputs[0]!, inputs[0]!]),
  );
  if (maps.size === 0) return model;
  const outputs = model.graph.outputs.map((output): ValueInfo => {
    const rows = maps.get(output.name);
    return rows === undefined ? output : { name: rows, type: 'float32', dims: undefined };
  });
  const nodes = model.graph.nodes.filter(({ outputs: [first] }) => !maps.has(first!));
  return { ...model, graph: { ...model.graph, outputs, nodes } };
}

/**
 * Finds the logits of a classifier by what its output is computed from, and, where that does not tell, by what it returns:
 * what goes into its softmax or sigmoid, whatever comes after that; logarithms of probabilities that are made in another
 * way; else the output itself. A single value a sample becomes two logits, one of them 0 where there is no better.
 * @param feeds examples of the model's inputs
 * @throws RampartError `bad-model` when no output has a row of class scores a sample, or several have
 */
export async function findLogits(
  types: ValueTypes,
  feeds: Readonly<Record<string, Tensor>>,
  options: HeadOptions = {},
): Promise<Headed> {
  const { model } = types;
  const reading = new Reading(types);
  const output = chooseOutput(reading, options);
  const builder = new GraphBuilder(model.graph);
  const size = rowSize(reading.type(output)!.dims)!;
  const form = isOwn(model, output) ? own() : await found();
  return { ...form, model: { ...model, graph: builder.build(model.graph.name) }, output, columns: size };

  function own() {
    const logits = rowsOf(builder, output, shapeOf(reading, output, output));
    return { kind: 'logits' as const, unwrapped: 'none' as const, logits, classes: size };
  }

  async function found() {
    const paired = size === 2 ? pairedColumns(reading, output) : undefined;
    if (paired) return { ...ofOne(paired.value, paired.column), kind: 'softmax' as const };
    return size === 1 ? ofOne(output, positiveIndexOf(options)) : several();
  }

  function ofOne(value: string, positiveIndex: 0 | 1) {
    const { kind, unwrapped, positive, negative }: TwoLogits = oneValue(reading, builder, value);
    const [yes, no] = [positive, negative].map((part) => part && column(builder, part, reading.type(part)));
    const logits = positiveIndex === 1 ? pairOf(builder, no, yes) : pairOf(builder, yes, no);
    return { kind, unwrapped, logits, classes: 2 };
  }

  async function several() {
    const look = () => lookAt(types, feeds, output, { trusted: options.output !== undefined });
    const { source, kind, unwrapped } = await severalClasses(reading, builder, output, look);
    const logits = rowsOf(builder, source, shapeOf(reading, source, output));
    return { kind, unwrapped, logits, classes: size };
  }
}

/** Whether Rampart wrote a file itself, which then says that its output is logits. */
function isOwn({ metadata }: Model, output: string): boolean {
  return output === 'logits' && readCard(metadata).classes !== undefined;
}

/** The type and rank of a value; one that was only now appended is a float32 of the output's shape. */
function shapeOf(reading: Reading, value: string, output: string): { readonly type: string; readonly rank: number } {
  const known = reading.type(value);
  return known
    ? { type: known.type, rank: known.dims.length }
    : { type: 'float32', rank: reading.type(output)!.dims.length };
}

/** What some rows of an output are. */
async function lookAt(
  types: ValueTypes,
  feeds: Readonly<Record<string, Tensor>>,
  output: string,
  { trusted }: { readonly trusted: boolean },
): Promise<RowsSeen> {
  const session = await Session.open(withOutputs(types.model, [output]), { optimisation: 'none' });
  let values: readonly number[];
  try {
    const { [output]: answer } = await session.run(atBatch(feeds, types.batch));
    values = Array.from(answer!.data as ArrayLike<number>, Number);
  } finally {
    await session.dispose();
  }
  const size = rowSize(types.values.get(output)!.dims)!;
  const rows = Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));
  const sums = rows.map((row) => row.reduce((sum, value) => sum + value, 0));
  const alike = sums[0]! > 0 && sums.every((sum) => Math.abs(sum - sums[0]!) <= ROUNDING * sums[0]!);
  const shares = alike && values.every((value) => value >= 0) && (rows.length > 1 || isWhole(sums[0]!));
  const codes = shares && values.every((value) => value === 0 || value === 1);
  if (!trusted && !shares && rows.every((row) => Math.abs(Math.hypot(...row) - 1) < 1e-4))
    throw embedding(output, size);
  return { shares, codes };
}

/** The first rows of examples, where a model runs at one batch size only. */
function atBatch(feeds: Readonly<Record<string, Tensor>>, batch: number | undefined): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => {
      const [count = 0, ...row] = feed.dims;
      if (batch === undefined || batch >= count || feed.type === 'string') return [name, feed];
      const data = feed.data.slice(0, batch * elementCount(row)) as Float32Array;
      return [name, { ...feed, dims: [batch, ...row], data }];
    }),
  );
}

/** Whether a sum is one that probabilities, or per cent, have. */
function isWhole(sum: number): boolean {
  return [1, 100].some((whole) => Math.abs(sum - whole) <= ROUNDING * whole);
}

function embedding(output: string, size: number): RampartError {
  return new RampartError({
    code: 'bad-model',
    message: `Expected a classifier: an output of one row of class scores a sample. Received rows of ${size} values of length 1 in the output "${output}": an embedding. Export it with the layer that tells classes apart, or pass --output ${output} (in an experiment file output=${output}) if these are scores.`,
  });
}

/** Appends what makes float32 rows [batch, size] of a value that has some numbers a sample. */
export function rowsOf(
  builder: GraphBuilder,
  value: string,
  { type, rank }: { readonly type: string; readonly rank: number },
): string {
  let rows = value;
  if (rank === 1) rows = builder.node('Reshape', [rows, builder.constant(int64Vector([-1, 1]))]);
  if (rank > 2) rows = builder.node('Flatten', [rows], { axis: 1 });
  if (type !== 'float32') rows = builder.node('Cast', [rows], { to: 1 });
  return rows;
}

/** A column [batch, 1] of float32 of a value with one number a sample. */
function column(builder: GraphBuilder, value: string, type: ValueType | undefined): string {
  if (type?.type === 'float32' && type.dims.length === 2) return value;
  const rows = builder.node('Reshape', [value, builder.constant(int64Vector([-1, 1]))]);
  return type?.type === 'float32' ? rows : builder.node('Cast', [rows], { to: 1 });
}

/** Appends what makes rows [batch, classes] of a value; a single value z a sample becomes the two logits 0 and z. */
export function classRows(
  builder: GraphBuilder,
  source: string,
  type: ValueType,
  options: HeadOptions,
): Pick<Headed, 'logits' | 'classes'> {
  const classes = rowSize(type.dims) ?? 0;
  if (classes !== 1) return { logits: rowsOf(builder, source, { type: type.type, rank: type.dims.length }), classes };
  const z = column(builder, source, type);
  const logits = positiveIndexOf(options) === 1 ? pairOf(builder, undefined, z) : pairOf(builder, z, undefined);
  return { logits, classes: 2 };
}

function positiveIndexOf({ positiveIndex = 1 }: HeadOptions): 0 | 1 {
  if (positiveIndex === 0 || positiveIndex === 1) return positiveIndex;
  throw new RampartError({
    code: 'usage',
    message: `The model has a single output value: its positive class is 0 or 1. Received: ${positiveIndex}.`,
  });
}

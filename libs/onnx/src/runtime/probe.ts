import { RampartError } from '@rampart/core';

import type { ElementType, Graph, Model, Node, Tensor, ValueInfo } from '../graph/ir';
import { normalise, withKnownConditions } from '../graph/normalise/normalise';
import { usedAround, usedBy } from '../graph/outputs';
import { arrayType, boolTensor, elementCount, int64Tensor } from '../graph/tensor';
import type { ProbedDimension, ValueType, ValueTypes } from '../graph/value-types';
import { lookInside, type LookOptions, type Seen } from './seen-values';

export interface ProbeOptions {
  /** Values for inputs; one whose first dimension is free is repeated or cut to the batch size. Others are made up. */
  readonly feeds?: Readonly<Record<string, Tensor>>;
  /** The two batch sizes to run at: 2 and 3 where nothing is said. */
  readonly batch?: readonly [number, number];
  /** Bytes of weights from which on what the model computes is not kept while it is probed; 16 MiB by default. */
  readonly heavy?: number;
}

/** Data-independent values are remembered up to this many elements. */
const REMEMBER_UP_TO = 4096;

/**
 * Learns the type and the dimensions of every value of a model by running it at two batch sizes. A dimension that
 * differs between the two is written as a formula of the batch size, such as `batch` or `4*batch`. A model whose
 * inputs are of fixed size, or that runs at batch size 1 only, is run once.
 * @throws RampartError `bad-model` when the model cannot be run, or when an input has free dimensions other than the
 *   first and no feed says what they are
 */
export async function probe(model: Model, options: ProbeOptions = {}): Promise<ValueTypes> {
  let current = normalise(model);
  for (;;) {
    const types = await probeOnce(current, options);
    const resolved = withKnownConditions(current, knownConditions(current, types));
    // A branch that is now known has values of its own to learn.
    if (resolved === current) return types;
    current = resolved;
  }
}

async function probeOnce(model: Model, options: ProbeOptions): Promise<ValueTypes> {
  const [first, second] = options.batch ?? [2, 3];
  return lookInside(model, lookOptions(model, options.heavy), async (look) => {
    const runOn = async (batch: number, feeds: Readonly<Record<string, Tensor>>) =>
      runOf(batch, feeds, await look(feeds));
    const runAt = (batch: number) =>
      runOn(batch, Object.fromEntries(model.graph.inputs.map((info) => [info.name, feed(info, batch, options.feeds)])));
    const free = model.graph.inputs.some(({ dims }) => typeof dims?.[0] !== 'number' && dims?.length !== 0);
    const complete = model.graph.inputs.every(({ name }) => options.feeds?.[name] !== undefined);
    const attempts = free
      ? [async () => [await runAt(first), await runAt(second)], async () => [await runAt(1)]]
      : [async () => [await runAt(1)]];
    if (complete) attempts.push(async () => [await runOn(1, options.feeds ?? {})]);
    const runs = await firstThatRuns(attempts);
    const batch = runs.length === 2 ? undefined : fixedBatch(model, runs[0]!.values);
    const types = collect(model, runs, batch);
    return { ...types, inner: await probeInside(types, runs, options.heavy) };
  });
}

/** What is needed of a model's values besides their types: what may be constant, and what graphs inside of nodes take. */
function lookOptions(model: Model, heavy: number | undefined): LookOptions {
  const around = model.graph.nodes.filter(({ attributes }) =>
    Object.values(attributes).some(({ type }) => type === 'graph'),
  );
  const kept = around.flatMap((node) => [...usedBy(node)]);
  return { kept, small: dataIndependent(model), few: REMEMBER_UP_TO, heavy };
}

interface Run extends Seen {
  readonly batch: number;
}

/** A run with what was fed. */
function runOf(batch: number, feeds: Readonly<Record<string, Tensor>>, { types, values }: Seen): Run {
  const fed = Object.entries(feeds).map(([name, { type, dims }]) => [name, { type, dims }] as const);
  return { batch, types: new Map([...fed, ...types]), values: { ...feeds, ...values } };
}

/** Exporters write the batch size of their example into shapes, mostly 1; others need the very sizes that are fed. */
async function firstThatRuns(attempts: readonly (() => Promise<Run[]>)[]): Promise<Run[]> {
  let reason: unknown;
  for (const attempt of attempts) {
    try {
      return await attempt();
    } catch (error) {
      reason ??= error;
    }
  }
  throw reason;
}

function fixedBatch(model: Model, values: Run['values']): number {
  const first = model.graph.inputs[0];
  return (first && values[first.name]?.dims[0]) ?? 1;
}

function feed(info: ValueInfo, batch: number, given: ProbeOptions['feeds'] = {}): Tensor {
  const { name, type, dims } = info;
  const value = given[name];
  const isFree = typeof dims?.[0] !== 'number' && dims?.length !== 0;
  if (value) return isFree ? rows(value, batch) : value;
  if (type === 'other' || !dims) {
    throw new RampartError({
      code: 'bad-model',
      message: `Input "${name}" of the model ${type === 'other' ? 'is no tensor' : 'has an unknown number of dimensions'}. Give an example of it, so that the shapes inside the model can be learnt.`,
    });
  }
  const sizes = dims.map((dim, axis) => {
    if (typeof dim === 'number') return dim;
    if (axis === 0 || (dim !== undefined && dim === dims[0])) return batch;
    throw new RampartError({
      code: 'bad-model',
      message: `Dimension ${axis} of input "${name}" is free (${dim ?? 'unnamed'}). Give an example of the input, so that the shapes inside the model can be learnt.`,
    });
  });
  return example(type, sizes);
}

/** Made-up values: floats spread over [0, 1), integers all 0, as they may be indices. */
function example(type: ElementType, dims: readonly number[]): Tensor {
  const count = elementCount(dims);
  if (type === 'string') return { type, dims, data: Array.from({ length: count }, () => '') };
  const data = new (arrayType(type))(count);
  const golden = 0.6180339887498949;
  if (type === 'float32' || type === 'float64') for (let i = 0; i < count; i++) data[i] = ((i + 1) * golden) % 1;
  return { type, dims, data };
}

/** The first rows of a tensor, from the start again where it has too few. */
function rows(value: Tensor, batch: number): Tensor {
  const [available = 0, ...rest] = value.dims;
  if (available === batch) return value;
  const size = elementCount(rest);
  const dims = [batch, ...rest];
  if (value.type === 'string') {
    const strings = value.data as readonly string[];
    return { ...value, dims, data: Array.from({ length: batch * size }, (_, i) => strings[i % (available * size)]!) };
  }
  const source = value.data as Float32Array;
  const data = new (arrayType(value.type))(batch * size) as Float32Array;
  for (let row = 0; row < batch && available > 0; row++) {
    const from = (row % available) * size;
    data.set(source.subarray(from, from + size), row * size);
  }
  return { ...value, dims, data };
}

/**
 * Runs the graphs inside of nodes by themselves: branches, and the first turn of loops. What they use of the graph
 * around them is fed.
 */
async function probeInside(
  around: ValueTypes,
  runs: readonly Run[],
  heavy: number | undefined,
): Promise<ReadonlyMap<Graph, ValueTypes>> {
  const inner = new Map<Graph, ValueTypes>();
  for (const node of around.model.graph.nodes) {
    for (const attribute of Object.values(node.attributes)) {
      if (attribute.type !== 'graph') continue;
      const types = await probeGraph(attribute.value, node, { around, runs, heavy }).catch(() => undefined);
      if (types) inner.set(attribute.value, types);
    }
  }
  return inner;
}

interface Around {
  readonly around: ValueTypes;
  readonly runs: readonly Run[];
  readonly heavy: number | undefined;
}

async function probeGraph(graph: Graph, node: Node, { around, runs, heavy }: Around): Promise<ValueTypes> {
  const { model, constants } = around;
  const used = usedAround(graph);
  const captured = used.filter((name) => name in runs[0]!.values && !constants.has(name));
  const known = used.flatMap((name): [string, Tensor][] => {
    const value = model.graph.initializers.get(name) ?? constants.get(name);
    return value ? [[name, value]] : [];
  });
  const own = runs.map(({ batch, values }) => ({
    batch,
    feeds: Object.fromEntries([
      ...captured.map((name) => [name, values[name]!] as const),
      ...graph.inputs.map(
        ({ name, dims }, i) => [name, ofFirstTurn(i, dims?.length ?? 0, node, around, values)] as const,
      ),
    ]),
  }));
  const inputs = Object.entries(own[0]!.feeds).map(([name, { type }]): ValueInfo => ({ name, type, dims: undefined }));
  const initializers = new Map([...known, ...graph.initializers]);
  const alone: Model = { ...model, graph: { ...graph, inputs, initializers } };
  return lookInside(alone, lookOptions(alone, heavy), async (look) => {
    const inside: Run[] = [];
    for (const { batch, feeds } of own) inside.push(runOf(batch, feeds, await look(feeds)));
    const types = collect(alone, inside, around.batch);
    const deeper = await probeInside(types, inside, heavy);
    return { ...types, values: new Map([...around.values, ...types.values]), inner: deeper };
  });
}

/** What an input of a loop's body is in its first turn: which turn it is, that it goes on, the states. */
function ofFirstTurn(index: number, rank: number, node: Node, { model }: ValueTypes, values: Run['values']): Tensor {
  const dims = new Array<number>(rank).fill(1);
  if (index === 0) return int64Tensor(dims, [0]);
  if (index === 1) return boolTensor(dims, [true]);
  const name = node.inputs[index]!;
  return values[name] ?? model.graph.initializers.get(name)!;
}

function collect(model: Model, runs: readonly Run[], batch: number | undefined): ValueTypes {
  const [a, b = a] = runs as [Run, Run?];
  const values = new Map<string, ValueType>();
  const constants = new Map<string, Tensor>();
  for (const [name, value] of model.graph.initializers) values.set(name, { type: value.type, dims: value.dims });
  const independent = dataIndependent(model);
  for (const [name, { type, dims }] of a.types) {
    const other = b.types.get(name)!;
    const sizes = dims.map((size, axis) =>
      dimension(size, other.dims[axis] ?? -1, a.batch, b.batch, `${name}:${axis}`),
    );
    values.set(name, { type, dims: sizes });
    const value = independent.has(name) ? a.values[name] : undefined;
    if (value && value.data.length <= REMEMBER_UP_TO && sameElements(value, b.values[name]!))
      constants.set(name, value);
  }
  return { model, values, constants, fixed: fixedValues(model), batch };
}

function dimension(a: number, b: number, batchA: number, batchB: number, unknown: string): ProbedDimension {
  if (a === b) return a;
  const times = (b - a) / (batchB - batchA);
  const plus = a - times * batchA;
  if (!Number.isInteger(times)) return unknown;
  const product = times === 1 ? 'batch' : `${times}*batch`;
  return plus === 0 ? product : `${product}${plus > 0 ? '+' : ''}${plus}`;
}

function sameElements(a: Tensor, b: Tensor): boolean {
  return (
    a.data.length === b.data.length && a.dims.length === b.dims.length && a.data.every((item, i) => item === b.data[i])
  );
}

const RANDOM = new Set([
  'RandomNormal',
  'RandomUniform',
  'RandomNormalLike',
  'RandomUniformLike',
  'Bernoulli',
  'Multinomial',
]);

/** Values that depend on constants and shapes alone. */
function dataIndependent(model: Model): Set<string> {
  return closure(model, (node) => node.op === 'Shape' || node.op === 'Size');
}

/** Values that depend on constants alone. */
function fixedValues(model: Model): Set<string> {
  return closure(model, () => false);
}

/** Initializers, what some nodes make, and what is computed from such values alone. */
function closure(model: Model, also: (node: Node) => boolean): Set<string> {
  const independent = new Set(model.graph.initializers.keys());
  const isIndependent = (node: Node) =>
    also(node) ||
    (!RANDOM.has(node.op) &&
      node.inputs.every((name) => name === '' || independent.has(name)) &&
      Object.values(node.attributes).every(({ type }) => type !== 'graph'));
  for (const node of model.graph.nodes) {
    if (isIndependent(node)) for (const output of node.outputs) independent.add(output);
  }
  return independent;
}

function knownConditions(model: Model, types: ValueTypes): Map<string, boolean> {
  const conditions = new Map<string, boolean>();
  for (const { op, inputs } of model.graph.nodes) {
    const value = op === 'If' ? types.constants.get(inputs[0] ?? '') : undefined;
    if (value) conditions.set(inputs[0]!, Boolean(value.data[0]));
  }
  return conditions;
}

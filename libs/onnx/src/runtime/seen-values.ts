import type { ElementType, Graph, Model, Node, Tensor, ValueInfo } from '../graph/ir';
import { namesIn } from '../graph/outputs';
import { elementCount } from '../graph/tensor';
import { isWeight } from '../wire/tensor-proto';
import { Session } from './session';

/** What one run of a model showed. */
export interface Seen {
  /** Type and dimensions of every value that a node makes, where it is a tensor. */
  readonly types: ReadonlyMap<string, Pick<Tensor, 'type' | 'dims'>>;
  /** The tensors themselves: those that were asked for at least. */
  readonly values: Readonly<Record<string, Tensor>>;
}

/** Runs the model on feeds. */
export type Look = (feeds: Readonly<Record<string, Tensor>>) => Promise<Seen>;

/** Models of more bytes are looked into without keeping what they compute. */
const HEAVY = 2 ** 24;

export interface LookOptions {
  /** Values to keep as they are. */
  readonly kept: Iterable<string>;
  /** Values of which only those of few elements are kept. */
  readonly small: ReadonlySet<string>;
  /** How many elements are few. */
  readonly few: number;
  /** Bytes of weights from which on nothing else is kept: 16 MiB where nothing is said. */
  readonly heavy?: number | undefined;
}

/** Opens a model such that every value in it is seen. */
export async function lookInside<T>(model: Model, options: LookOptions, use: (look: Look) => Promise<T>): Promise<T> {
  const names = [...new Set(model.graph.nodes.flatMap(({ outputs }) => outputs))].filter((name) => name !== '');
  const outputs = names.map(
    (name): ValueInfo =>
      model.graph.outputs.find((output) => output.name === name) ?? { name, type: 'other', dims: undefined },
  );
  const all = withGraph(model, { outputs });
  return weightOf(model) < (options.heavy ?? HEAVY) ? useAll(all, use) : useShapes(all, options, use);
}

/** Every value is an output, and kept. */
function useAll<T>(all: Model, use: (look: Look) => Promise<T>): Promise<T> {
  return using(all, (session) =>
    use(async (feeds) => {
      const values = await session.run(feeds);
      return { types: new Map(Object.entries(values).map(([name, { type, dims }]) => [name, { type, dims }])), values };
    }),
  );
}

/**
 * Of every value its dimensions are an output, so that the memory of one serves the next; types are known without
 * running. Weights are fed, as ONNX Runtime copies what is part of a model and takes what is fed as it is.
 */
async function useShapes<T>(
  all: Model,
  { kept, small, few }: LookOptions,
  use: (look: Look) => Promise<T>,
): Promise<T> {
  const { fed, weights } = withWeightsFed(all);
  const [given, more, infos] = await using(fed, ({ outputs }) =>
    Promise.resolve([fed, weights, outputs] as const),
  ).catch(
    // Some kernels are made only where their weights are constants.
    () => using(all, ({ outputs }) => Promise.resolve([all, {}, outputs] as const)),
  );
  const tensors = infos.filter(({ type }) => type !== 'other');
  const tiny = ({ name, dims }: ValueInfo) => small.has(name) && !(dims && isLarger(dims, few));
  const keeps = new Set(kept);
  const whole = tensors.filter((info) => keeps.has(info.name) || tiny(info)).map(({ name }) => name);
  const { nodes, shapes } = withShapes(
    given.graph,
    tensors.map(({ name }) => name),
  );
  const shown = [...whole, ...shapes.values()].map((name): ValueInfo => ({ name, type: 'other', dims: undefined }));
  return using(withGraph(given, { outputs: shown, nodes }), (session) =>
    use(async (feeds) => {
      const results = await session.run({ ...more, ...feeds });
      const types = tensors.map(({ name, type }) => {
        const dims = Array.from(results[shapes.get(name)!]!.data as BigInt64Array, Number);
        return [name, { type: type as ElementType, dims }] as const;
      });
      return { types: new Map(types), values: Object.fromEntries(whole.map((name) => [name, results[name]!])) };
    }),
  );
}

/** The same model with its weights as inputs, and what to feed them. */
function withWeightsFed(model: Model): { readonly fed: Model; readonly weights: Readonly<Record<string, Tensor>> } {
  const { inputs, initializers } = model.graph;
  const weights = [...initializers].filter(([, value]) => isWeight(value));
  const others = [...initializers].filter(([, value]) => !isWeight(value));
  const described = weights.map(([name, { type, dims }]): ValueInfo => ({ name, type, dims }));
  const fed = withGraph(model, { inputs: [...inputs, ...described], initializers: new Map(others) });
  return { fed, weights: Object.fromEntries(weights) };
}

/**
 * The nodes of a graph and others that tell the dimensions of values, with the names of what these make. The last value's
 * comes first: ONNX Runtime goes back from the last node to what it needs, then from the one before it, so that each
 * follows its value at once, which can then be given up.
 */
function withShapes(graph: Graph, values: readonly string[]): { nodes: Node[]; shapes: Map<string, string> } {
  const taken = new Set([...namesIn(graph), ...graph.nodes.map(({ name }) => name)]);
  const shapes = new Map(values.map((name) => [name, freeName(`${name}_dims`, taken)]));
  const telling = Array.from(shapes, ([value, name]): Node => ({
    op: 'Shape',
    domain: '',
    name,
    inputs: [value],
    outputs: [name],
    attributes: {},
  }));
  return { nodes: [...graph.nodes, ...telling.toReversed()], shapes };
}

async function using<T>(model: Model, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await Session.open(model, { optimisation: 'none' });
  try {
    return await use(session);
  } finally {
    await session.dispose();
  }
}

function withGraph(model: Model, changes: Partial<Model['graph']>): Model {
  return { ...model, graph: { ...model.graph, ...changes } };
}

function weightOf({ graph }: Model): number {
  return [...graph.initializers.values()].reduce((sum, value) => {
    return sum + (ArrayBuffer.isView(value.data) ? value.data.byteLength : 0);
  }, 0);
}

function isLarger(dims: NonNullable<ValueInfo['dims']>, few: number): boolean {
  return dims.every((dim) => typeof dim === 'number') && elementCount(dims) > few;
}

function freeName(hint: string, taken: Set<string>): string {
  let name = hint;
  while (taken.has(name)) name += '_';
  taken.add(name);
  return name;
}

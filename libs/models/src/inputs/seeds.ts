import { type Attribute, type Graph, type Model, type Node } from '@rampart/onnx';

/** Operators that draw random numbers, by whether their seed is a whole number. */
const DRAWING: Readonly<Record<string, 'float' | 'int'>> = {
  RandomNormal: 'float',
  RandomNormalLike: 'float',
  RandomUniform: 'float',
  RandomUniformLike: 'float',
  Bernoulli: 'float',
  Multinomial: 'float',
  Dropout: 'int',
};

/** Who draws: the numbers of one say nothing about those of another. */
export type Drawer = 'judge' | 'attacker' | 'gradients' | 'inner values';

const DRAWERS: readonly Drawer[] = ['judge', 'attacker', 'gradients', 'inner values'];

/**
 * The model with a seed for every operator that draws random numbers and has none, so that the same questions in the
 * same order get the same answers in every session that is opened anew. Within a session each run draws on.
 */
export function withSeeds(model: Model, drawer: Drawer): Model {
  const start = 1 + 1000 * DRAWERS.indexOf(drawer);
  let drawn = 0;
  const seeded = (graph: Graph): Graph => ({ ...graph, nodes: graph.nodes.map(node) });
  const node = (of: Node): Node => {
    const kind = of.domain === '' ? DRAWING[of.op] : undefined;
    const inner = Object.values(of.attributes).some(({ type }) => type === 'graph');
    if (!inner && (kind === undefined || of.attributes['seed'])) return of;
    const attributes = Object.fromEntries(
      Object.entries(of.attributes).map(([name, attribute]): [string, Attribute] =>
        attribute.type === 'graph' ? [name, { type: 'graph', value: seeded(attribute.value) }] : [name, attribute],
      ),
    );
    if (kind === undefined || attributes['seed']) return { ...of, attributes };
    const value = start + drawn++;
    return { ...of, attributes: { ...attributes, seed: { type: kind, value } } };
  };
  const graph = seeded(model.graph);
  return drawn === 0 ? model : { ...model, graph };
}

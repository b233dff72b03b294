import { floatOf, intOf, intsOf } from '../attribute';
import type { GraphBuilder } from '../builder';
import type { Node } from '../ir';
import { int64Vector, scalar } from '../tensor';
import { like } from './like';
import { always, type UpgradeContext, type Upgrades } from './upgrade';

/** Queries, keys and values [batch, length, hidden] of an attention node, and what is added to their products. */
interface Parts {
  readonly q: string;
  readonly k: string;
  readonly v: string;
  /** Added before the softmax: broadcasts against [batch, heads, length, total length]. */
  readonly biases: readonly string[];
}

/** softmax(scale Q K' + biases) V by heads. */
function attend(node: Node, { q, k, v, biases }: Parts, { builder }: UpgradeContext): void {
  const heads = intOf(node, 'num_heads', 1);
  const ints = (...values: number[]) => builder.constant(int64Vector(values), 'shape');
  const split = (value: string, perm: readonly number[]) =>
    builder.node('Transpose', [builder.node('Reshape', [value, ints(0, 0, heads, -1)])], { perm });
  const queries = split(q, [0, 2, 1, 3]);
  const products = builder.node('MatMul', [queries, split(k, [0, 2, 3, 1])]);
  const given = floatOf(node, 'scale', 0);
  const size = builder.node('CastLike', [builder.node('Shape', [queries], { start: 3, end: 4 }), q]);
  const scaled = given
    ? builder.node('Mul', [products, like(builder, scalar(given), q)])
    : builder.node('Div', [products, builder.node('Sqrt', [size])]);
  const all = intOf(node, 'unidirectional', 0) === 1 ? [...biases, causal(scaled, q, builder)] : biases;
  const masked = all.reduce((sum, bias) => builder.node('Add', [sum, bias]), scaled);
  const weights = builder.node('Softmax', [masked], { axis: -1 });
  const mixed = builder.node('MatMul', [weights, split(v, [0, 2, 1, 3])]);
  const joined = builder.node('Transpose', [mixed], { perm: [0, 2, 1, 3] });
  builder.node('Reshape', [joined, ints(0, 0, -1)], {}, { outputs: node.outputs.slice(0, 1) });
}

/** What later keys get: the lowest number instead of one, as ONNX Runtime leaves them out altogether. */
function causal(products: string, q: string, builder: GraphBuilder): string {
  const shape = builder.node('Shape', [products], { start: 2, end: 4 });
  const value = { type: 'float32', dims: [1], data: Float32Array.of(-1e30) } as const;
  const low = builder.node('ConstantOfShape', [shape], { value });
  const above = builder.node('Trilu', [low, builder.constant(scalar(1, 'int64'))], { upper: 1 });
  return builder.node('CastLike', [above, q]);
}

/** The filter value where a mask [batch, total length], or [batch, length, total length], is 0. */
function ofMask(node: Node, mask: string, rank: number, q: string, { builder }: UpgradeContext): string {
  const axes = builder.constant(int64Vector(rank === 2 ? [1, 2] : [1]), 'axes');
  const shown = builder.node('CastLike', [builder.node('Unsqueeze', [mask, axes]), q]);
  const hidden = builder.node('Sub', [like(builder, scalar(1), q), shown]);
  return builder.node('Mul', [hidden, like(builder, scalar(floatOf(node, 'mask_filter_value', -10000)), q)]);
}

/** One product for queries, keys and values. */
const attention = always((node, context) => {
  const { builder } = context;
  const [x = '', weight = '', bias = '', mask = '', past = '', added = ''] = node.inputs;
  const rank = mask ? context.rank(mask) : 2;
  const unusual = past !== '' || (node.outputs[1] ?? '') !== '' || intOf(node, 'do_rotary', 0) === 1;
  const width = context.constant(weight)?.dims[1];
  if (unusual || width === undefined || (rank !== 2 && rank !== 3)) {
    builder.append(node);
    return;
  }
  const sizes = intsOf(node, 'qkv_hidden_sizes') ?? [width / 3, width / 3, width / 3];
  const product = builder.node('MatMul', [x, weight]);
  const biased = bias ? builder.node('Add', [product, bias]) : product;
  const parts = builder.node(
    'Split',
    [biased, builder.constant(int64Vector(sizes), 'sizes')],
    { axis: -1 },
    { outputs: 3 },
  );
  const [q, k, v] = parts as [string, string, string];
  const biases = [...(mask ? [ofMask(node, mask, rank, q, context)] : []), ...(added ? [added] : [])];
  attend(node, { q, k, v, biases }, context);
});

/** Queries, keys and values apart, each [batch, length, hidden]. */
const multiHeadAttention = always((node, context) => {
  const { builder } = context;
  const [query = '', key = '', value = '', bias = '', mask = '', added = '', pastKey = ''] = node.inputs;
  const rank = mask ? context.rank(mask) : 2;
  const sizes = bias ? context.constant(bias)?.dims[0] : 0;
  const apart = key !== '' && value !== '' && context.rank(key) !== 4 && context.rank(key) !== 5;
  if (!apart || pastKey || node.outputs.length > 1 || sizes === undefined || (rank !== 2 && rank !== 3)) {
    builder.append(node);
    return;
  }
  const thirds = bias && builder.node('Split', [bias], { axis: 0, num_outputs: 3 }, { outputs: 3 });
  const moved = (input: string, i: number) => (thirds ? builder.node('Add', [input, thirds[i]!]) : input);
  const [q, k, v] = [moved(query, 0), moved(key, 1), moved(value, 2)];
  const biases = [...(mask ? [ofMask(node, mask, rank, q, context)] : []), ...(added ? [added] : [])];
  attend(node, { q, k, v, biases }, context);
});

/** ONNX Runtime's attention, written out. */
export const fusedAttentionUpgrades: Upgrades = {
  'com.microsoft.Attention': attention,
  'com.microsoft.MultiHeadAttention': multiHeadAttention,
};

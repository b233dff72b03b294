import { floatOf, intOf } from '../attribute';
import type { GraphBuilder } from '../builder';
import { int64Vector, scalar } from '../tensor';
import { always, type Upgrades } from './upgrade';

/**
 * ONNX Runtime's rotary embedding: pairs of elements of each head are turned by the angles of their place. The input is
 * [batch, length, hidden] or [batch, heads, length, size]; what a head has beyond the angles stays.
 */
const rotaryEmbedding = always((node, context) => {
  const { builder } = context;
  const [x = '', places = '', cosines = '', sines = ''] = node.inputs;
  const angles = context.constant(cosines)?.dims[1];
  const [rank, placesRank] = [context.rank(x), context.rank(places)];
  const heads = intOf(node, 'num_heads', 0);
  const partial = intOf(node, 'rotary_embedding_dim', 0) !== 0;
  const unusual = intOf(node, 'is_packed_batching', 0) !== 0 || floatOf(node, 'scale', 1) !== 1;
  const known = (rank === 3 || rank === 4) && (placesRank === 1 || placesRank === 2);
  if (unusual || !known || angles === undefined || (partial && rank === 3 && heads === 0)) {
    builder.append(node);
    return;
  }
  const ints = (...values: number[]) => builder.constant(int64Vector(values), 'shape');
  const split = () => builder.node('Reshape', [x, heads > 0 ? ints(0, 0, heads, -1) : ints(0, 0, -1, 2 * angles)]);
  // [batch, length, heads, size]
  const rows = rank === 3 ? split() : builder.node('Transpose', [x], { perm: [0, 2, 1, 3] });
  const at = placesRank === 2 ? places : from(builder, places, rows);
  const ofPlaces = (cache: string) => {
    const taken = builder.node('Gather', [cache, at], { axis: 0 });
    return builder.node('Unsqueeze', [taken, ints(placesRank === 2 ? 2 : 1)]);
  };
  const [cosine, sine] = [ofPlaces(cosines), ofPlaces(sines)];
  const part = (start: number, end: number, step = 1) =>
    builder.node('Slice', [rows, ints(start), ints(end), ints(3), ints(step)]);
  const interleaved = intOf(node, 'interleaved', 0) === 1;
  const [first, second] = interleaved
    ? [part(0, 2 * angles, 2), part(1, 2 * angles, 2)]
    : [part(0, angles), part(angles, 2 * angles)];
  const times = (a: string, b: string) => builder.node('Mul', [a, b]);
  const turned = [
    builder.node('Sub', [times(first, cosine), times(second, sine)]),
    builder.node('Add', [times(second, cosine), times(first, sine)]),
  ];
  const joined = interleaved ? alternating(builder, turned, 2 * angles) : builder.node('Concat', turned, { axis: 3 });
  const whole = partial ? builder.node('Concat', [joined, part(2 * angles, 2 ** 31 - 1)], { axis: 3 }) : joined;
  const back = rank === 3 ? 'Reshape' : 'Transpose';
  const inputs = rank === 3 ? [whole, ints(0, 0, -1)] : [whole];
  builder.node(back, inputs, rank === 3 ? {} : { perm: [0, 2, 1, 3] }, { outputs: node.outputs });
});

/** Places from a first one on, as many as there are rows. */
function from(builder: GraphBuilder, first: string, rows: string): string {
  const length = builder.node('Squeeze', [builder.node('Shape', [rows], { start: 1, end: 2 })]);
  const [zero, one] = [builder.constant(scalar(0, 'int64')), builder.constant(scalar(1, 'int64'))];
  return builder.node('Add', [builder.node('Range', [zero, length, one]), first]);
}

/** Elements of two values by turns. */
function alternating(builder: GraphBuilder, values: readonly string[], size: number): string {
  const axis = builder.constant(int64Vector([4]), 'axes');
  const apart = values.map((value) => builder.node('Unsqueeze', [value, axis]));
  const pairs = builder.node('Concat', apart, { axis: 4 });
  return builder.node('Reshape', [pairs, builder.constant(int64Vector([0, 0, 0, size]), 'shape')]);
}

/** ONNX Runtime's rotary embedding, written out. */
export const fusedRotaryUpgrades: Upgrades = { 'com.microsoft.RotaryEmbedding': rotaryEmbedding };

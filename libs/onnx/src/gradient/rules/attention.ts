import { floatOf, intOf } from '../../graph/attribute';
import { boolTensor, scalar } from '../../graph/tensor';
import type { GradientRule, RuleContext } from '../rule';

/** Values of an attention node as [batch, heads, length, size]. */
interface Heads {
  readonly q: string;
  readonly k: string;
  readonly v: string;
  readonly queryHeads: number;
  readonly keyHeads: number;
}

/**
 * softmax(cap(scale Q K') + mask) V, where several heads of Q may share one of K and V, and K and V may go on from
 * earlier ones. What the softmax makes is computed again.
 */
const attention: GradientRule = (c) => {
  const { emit, node } = c;
  const heads = headsOf(c);
  const { q, k, v, queryHeads, keyHeads } = heads;
  const size = c.staticDims(c.input(0), c.dims(c.input(0)).length - 1)[0]!;
  const scale = floatOf(node, 'scale', 0) || 1 / Math.sqrt(c.dims(c.input(0)).length === 3 ? size / queryHeads : size);
  const x = c.input(0);
  const folded = (value: string) => fold(c, value, queryHeads, keyHeads, keyHeads);
  const unfolded = (value: string) => fold(c, value, queryHeads, keyHeads, queryHeads);
  const raw = unfolded(emit.op('MatMul', [folded(q), emit.transpose(k, [0, 1, 3, 2])]));
  const scaled = emit.scale(raw, scale, x);
  const cap = floatOf(node, 'softcap', 0);
  const tanh = cap === 0 ? '' : emit.op('Tanh', [emit.scale(scaled, 1 / cap, x)]);
  const masked = mask(c, cap === 0 ? scaled : emit.scale(tanh, cap, x), heads);
  const weights = emit.op('Softmax', [masked], { axis: -1 });

  const gradient = c.gradientOf(0);
  const parts: Partial<Record<'q' | 'k' | 'v' | 'mask', string>> = {};
  /** A gradient with that of the fourth output, which shows one of the stages. */
  const joined = (stage: number, value: string | undefined) => {
    const shown = intOf(node, 'qk_matmul_output_mode', 0) === stage ? c.gradientOf(3) : undefined;
    return value === undefined || shown === undefined ? (value ?? shown) : emit.add(value, shown);
  };
  let flowing: string | undefined;
  if (gradient !== undefined) {
    const toOutput = c.dims(c.output()).length === 3 ? split(c, gradient, queryHeads) : gradient;
    parts.v = emit.op('MatMul', [emit.transpose(folded(weights), [0, 1, 3, 2]), folded(toOutput)]);
    flowing = unfolded(emit.op('MatMul', [folded(toOutput), emit.transpose(v, [0, 1, 3, 2])]));
  }
  flowing = joined(3, flowing);
  if (flowing !== undefined) {
    const product = emit.mul(flowing, weights);
    flowing = emit.sub(product, emit.mul(weights, emit.sum(product, [3])));
  }
  parts.mask = flowing = joined(2, flowing);
  flowing = joined(1, flowing);
  if (flowing !== undefined && cap !== 0) {
    flowing = emit.mul(flowing, emit.sub(emit.number(1, x), emit.mul(tanh, tanh)));
  }
  flowing = joined(0, flowing);
  if (flowing !== undefined) {
    const toRaw = folded(emit.scale(flowing, scale, x));
    parts.q = unfolded(emit.op('MatMul', [toRaw, k]));
    parts.k = emit.op('MatMul', [emit.transpose(toRaw, [0, 1, 3, 2]), folded(q)]);
  }
  return gradients(c, parts);
};

function headsOf(c: RuleContext): Heads {
  const [q, k, v, , pastKey = '', pastValue = ''] = Array.from({ length: 6 }, (_, i) => c.input(i)) as [
    string,
    string,
    string,
  ];
  const separate = c.dims(q).length === 4;
  const queryHeads = separate ? c.dims(q)[1] : intOf(c.node, 'q_num_heads', 1);
  const keyHeads = separate ? c.dims(k)[1] : intOf(c.node, 'kv_num_heads', 1);
  if (typeof queryHeads !== 'number' || typeof keyHeads !== 'number') throw c.refuse('its heads depend on the batch');
  const own = (value: string, count: number) => (c.dims(value).length === 4 ? value : split(c, value, count));
  const whole = (past: string, value: string) =>
    past === '' ? own(value, keyHeads) : c.emit.op('Concat', [past, own(value, keyHeads)], { axis: 2 });
  return { q: own(q, queryHeads), k: whole(pastKey, k), v: whole(pastValue, v), queryHeads, keyHeads };
}

/** [batch, length, heads x size] to [batch, heads, length, size]. */
function split(c: RuleContext, value: string, heads: number): string {
  return c.emit.transpose(c.emit.reshape(value, [0, 0, heads, -1]), [0, 2, 1, 3]);
}

function join(c: RuleContext, value: string): string {
  return c.emit.reshape(c.emit.transpose(value, [0, 2, 1, 3]), [0, 0, -1]);
}

/** Between [batch, query heads, length, n] and [batch, key heads, length of all that share one, n]. */
function fold(c: RuleContext, value: string, queryHeads: number, keyHeads: number, to: number): string {
  return queryHeads === keyHeads ? value : c.emit.reshape(value, [0, to, -1, 0]);
}

function mask(c: RuleContext, scores: string, { k }: Heads): string {
  const { emit } = c;
  const x = c.input(0);
  const never = emit.number(-Infinity, x);
  const given = c.input(3);
  let result = scores;
  if (given !== '') {
    const isBool = c.elementType(given) === 'bool';
    result = isBool ? emit.op('Where', [given, result, never]) : emit.add(result, given);
  }
  if (isCausal(c)) result = emit.op('Where', [later(c), never, result]);
  const lengths = c.input(6);
  if (lengths !== '') {
    const places = range(c, emit.op('Shape', [k], { start: 2, end: 3 }));
    const used = emit.op('Less', [places, emit.unsqueeze(lengths, [1, 2, 3])]);
    result = emit.op('Where', [used, result, never]);
  }
  return result;
}

/** ONNX Runtime lets a single query that goes on from a past see every key. */
function isCausal(c: RuleContext): boolean {
  const single = c.dims(c.input(0)).at(-2) === 1 && c.input(4) !== '';
  return intOf(c.node, 'is_causal', 0) === 1 && !single;
}

/** [query length, key length]: true where the key comes after the query. */
function later(c: RuleContext): string {
  const { emit } = c;
  const length = (value: string) => (value === '' ? 0 : c.dims(value).at(-2)!);
  const [queries, own, past] = [length(c.input(0)), length(c.input(1)), length(c.input(4))];
  if (typeof queries !== 'number' || typeof own !== 'number' || typeof past !== 'number') {
    throw c.refuse('the lengths of its sequences depend on the batch');
  }
  const all = own + past;
  const isLater = Array.from({ length: queries * all }, (_, i) => i % all > Math.floor(i / all) + past);
  return emit.constant(boolTensor([queries, all], isLater));
}

function range(c: RuleContext, size: string): string {
  const { emit } = c;
  const [zero, one] = [0, 1].map((value) => emit.constant(scalar(value, 'int64')));
  return emit.op('Range', [zero!, emit.squeeze(size, [0]), one!]);
}

function gradients(c: RuleContext, parts: Partial<Record<'q' | 'k' | 'v' | 'mask', string>>): (string | undefined)[] {
  const { emit } = c;
  const merged = (value: string, input: number) => (c.dims(c.input(input)).length === 3 ? join(c, value) : value);
  /** The gradient of keys or values: what they did in the product, and what came of them as an output. */
  const past = (part: string | undefined, output: number, own: number, before: number) => {
    const present = c.gradientOf(output);
    const total = part === undefined || present === undefined ? (part ?? present) : emit.add(part, present);
    if (total === undefined) return [undefined, undefined];
    if (c.input(before) === '') return [merged(total, own), undefined];
    const lengths = [before, own].map((input) => c.dims(c.input(input)).at(-2)!);
    if (lengths.some((length) => typeof length !== 'number')) throw c.refuse('its past has a free length');
    const [first, second] = emit.ops('Split', [total, emit.ints(lengths as number[])], 2, { axis: 2 });
    return [merged(second!, own), first];
  };
  const [toKey, toPastKey] = past(parts.k, 1, 1, 4);
  const [toValue, toPastValue] = past(parts.v, 2, 2, 5);
  const toMask =
    parts.mask !== undefined && c.wants(3) ? emit.unbroadcast(parts.mask, maskDims(c), c.dims(c.input(3))) : undefined;
  return [parts.q && merged(parts.q, 0), toKey, toValue, toMask, toPastKey, toPastValue];
}

function maskDims(c: RuleContext) {
  const length = (value: string) => (value === '' ? 0 : c.staticDims(value, 1).at(-2)!);
  const queries = c.dims(c.input(0));
  const heads = queries.length === 4 ? queries[1]! : intOf(c.node, 'q_num_heads', 1);
  return [queries[0]!, heads, length(c.input(0)), length(c.input(1)) + length(c.input(4))];
}

/** Rotates pairs of elements; so the gradient is rotated back. */
const rotaryEmbedding: GradientRule = (c) => {
  if (c.wants(1) || c.wants(2)) throw c.refuse('its tables of cosines and sines are not constant');
  const [, cosine = '', sine = '', ...positions] = c.node.inputs;
  return [c.emit.op('RotaryEmbedding', [c.gradient, cosine, c.emit.neg(sine), ...positions], c.node.attributes)];
};

export const attentionRules: Readonly<Record<string, GradientRule>> = {
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
};

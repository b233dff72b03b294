import { floatOf, intOf, intsOf } from '../../graph/attribute';
import type { GradientRule, RuleContext } from '../rule';

const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/** A vector of one value a channel, shaped so that it broadcasts over [N, C, ...]. */
function perChannel(c: RuleContext, vector: string, rank: number): string {
  return rank === 2 ? vector : c.emit.reshape(vector, [-1, ...range(2, rank).map(() => 1)]);
}

/** (x - mean) / sqrt(var + epsilon) * scale + bias, mean and variance given. */
const batchNormalization: GradientRule = (c) => {
  const { emit } = c;
  if (intOf(c.node, 'training_mode', 0) === 1) return batchStatistics(c);
  const { gradient } = c;
  const [x, scale, , mean, variance] = c.node.inputs as [string, string, string, string, string];
  const rank = c.dims(x).length;
  const others = [0, ...range(2, rank)];
  const epsilon = emit.number(floatOf(c.node, 'epsilon', 1e-5), variance);
  const deviation = emit.op('Sqrt', [emit.add(variance, epsilon)]);
  const factor = emit.div(scale, deviation);
  const total = () => emit.sum(gradient, others, false);
  const centred = () => emit.sub(x, perChannel(c, mean, rank));
  const moment = () => emit.sum(emit.mul(gradient, centred()), others, false);
  const toVariance = () =>
    emit.mul(emit.mul(moment(), emit.number(-0.5, x)), emit.div(factor, emit.add(variance, epsilon)));
  return [
    c.wants(0) ? emit.mul(gradient, perChannel(c, factor, rank)) : undefined,
    c.wants(1) ? emit.div(moment(), deviation) : undefined,
    c.wants(2) ? total() : undefined,
    c.wants(3) ? emit.neg(emit.mul(total(), factor)) : undefined,
    c.wants(4) ? toVariance() : undefined,
  ];
};

/** Batch normalization in training: with the mean and the variance of the batch, which also move running ones. */
function batchStatistics(c: RuleContext): (string | undefined)[] {
  const { emit } = c;
  const [x, scale] = [c.input(0), c.input(1)];
  const rank = c.dims(x).length;
  const others = [0, ...range(2, rank)];
  const { inverse, standard } = standardise(c, x, others, floatOf(c.node, 'epsilon', 1e-5));
  const [gradient, toMean, toVariance] = [0, 1, 2].map((output) => c.gradientOf(output));
  const momentum = floatOf(c.node, 'momentum', 0.9);
  const count = emit.cast(emit.div(emit.op('Size', [x]), emit.op('Size', [scale])), c.elementType(x));
  const share = (value: string) => perChannel(c, emit.div(emit.scale(value, 1 - momentum, x), count), rank);
  const parts: string[] = [];
  if (gradient !== undefined) {
    parts.push(throughStandardised(c, emit.mul(gradient, perChannel(c, scale, rank)), standard, inverse, others));
  }
  if (toMean !== undefined) parts.push(emit.expandLike(share(toMean), x));
  if (toVariance !== undefined) {
    parts.push(emit.mul(emit.scale(share(toVariance), 2, x), emit.div(standard, inverse)));
  }
  return [
    c.wants(0) ? (parts.length === 1 ? parts[0]! : emit.op('Sum', parts)) : undefined,
    c.wants(1) && gradient ? emit.sum(emit.mul(gradient, standard), others, false) : undefined,
    c.wants(2) && gradient ? emit.sum(gradient, others, false) : undefined,
    c.wants(3) && toMean ? emit.scale(toMean, momentum, x) : undefined,
    c.wants(4) && toVariance ? emit.scale(toVariance, momentum, x) : undefined,
  ];
}

/**
 * Through h = (x - mean) / deviation over some axes: (g - mean(g) - h mean(g h)) / deviation.
 * @param inverse 1 / deviation
 */
function throughStandardised(c: RuleContext, g: string, h: string, inverse: string, axes: readonly number[]): string {
  const { emit } = c;
  const mean = (value: string) => emit.mean(value, axes);
  const tangent = emit.sub(emit.sub(g, mean(g)), emit.mul(h, mean(emit.mul(g, h))));
  return emit.mul(tangent, inverse);
}

/** The mean over axes, 1 / sqrt(variance + epsilon), and the standardised values. */
function standardise(c: RuleContext, x: string, axes: readonly number[], epsilon: number) {
  const { emit } = c;
  const type = c.input(0);
  const centred = emit.sub(x, emit.mean(x, axes));
  const variance = emit.mean(emit.mul(centred, centred), axes);
  const inverse = emit.op('Reciprocal', [emit.op('Sqrt', [emit.add(variance, emit.number(epsilon, type))])]);
  return { inverse, standard: emit.mul(centred, inverse) };
}

/** From the mean and the inverse deviation that the node itself can give, in float32. */
function standardisedByLayer(c: RuleContext, x: string, axes: readonly number[]) {
  if (c.elementType(x) !== 'float32') return standardise(c, x, axes, floatOf(c.node, 'epsilon', 1e-5));
  const inverse = c.output(2);
  return { inverse, standard: c.emit.mul(c.emit.sub(x, c.output(1)), inverse) };
}

/** Outputs: the result, the mean, and 1 / sqrt(variance + epsilon). */
const layerNormalization: GradientRule = (c) => {
  const { emit } = c;
  const [x, scale, bias] = [c.input(0), c.input(1), c.input(2)];
  const rank = c.dims(x).length;
  const axes = range(c.axis(intOf(c.node, 'axis', -1), rank), rank);
  const count = c.staticDims(x, axes[0]).reduce((product, size) => product * size, 1);
  const { inverse, standard } = standardisedByLayer(c, x, axes);
  const [gradient, toMean, toInverse] = [0, 1, 2].map((output) => c.gradientOf(output));
  const parts: string[] = [];
  if (gradient !== undefined) parts.push(throughStandardised(c, emit.mul(gradient, scale), standard, inverse, axes));
  if (toMean !== undefined) parts.push(emit.expandLike(emit.scale(toMean, 1 / count, x), x));
  if (toInverse !== undefined) {
    const slope = emit.mul(emit.scale(toInverse, -1 / count, x), emit.mul(inverse, inverse));
    parts.push(emit.mul(slope, standard));
  }
  return [
    c.wants(0) ? (parts.length === 1 ? parts[0]! : emit.op('Sum', parts)) : undefined,
    c.wants(1) && gradient ? emit.unbroadcast(emit.mul(gradient, standard), c.dims(x), c.dims(scale)) : undefined,
    c.wants(2) && gradient ? emit.unbroadcast(gradient, c.dims(x), c.dims(bias)) : undefined,
  ];
};

const instanceNormalization: GradientRule = (c) => {
  const { emit, gradient } = c;
  const [x, scale] = [c.input(0), c.input(1)];
  const rank = c.dims(x).length;
  const axes = range(2, rank);
  const { inverse, standard } = standardise(c, x, axes, floatOf(c.node, 'epsilon', 1e-5));
  const scaled = () => emit.mul(gradient, perChannel(c, scale, rank));
  return [
    c.wants(0) ? throughStandardised(c, scaled(), standard, inverse, axes) : undefined,
    c.wants(1) ? emit.sum(emit.mul(gradient, standard), [0, ...axes], false) : undefined,
    c.wants(2) ? emit.sum(gradient, [0, ...axes], false) : undefined,
  ];
};

const groupNormalization: GradientRule = (c) => {
  const { emit, gradient } = c;
  const [x, scale] = [c.input(0), c.input(1)];
  const rank = c.dims(x).length;
  const groups = intOf(c.node, 'num_groups', 1);
  const inGroup = c.staticDims(x, 1).reduce((product, size) => product * size, 1) / groups;
  const grouped = (value: string) => emit.reshape(value, [-1, groups, inGroup]);
  const { inverse, standard } = standardise(c, grouped(x), [2], floatOf(c.node, 'epsilon', 1e-5));
  const toX = () => {
    const scaled = grouped(emit.mul(gradient, perChannel(c, scale, rank)));
    return emit.reshapeLike(throughStandardised(c, scaled, standard, inverse, [2]), x);
  };
  const others = [0, ...range(2, rank)];
  return [
    c.wants(0) ? toX() : undefined,
    c.wants(1) ? emit.sum(emit.mul(gradient, emit.reshapeLike(standard, x)), others, false) : undefined,
    c.wants(2) ? emit.sum(gradient, others, false) : undefined,
  ];
};

/** x / sqrt(mean(x^2) + epsilon) * scale. */
const rmsNormalization: GradientRule = (c) => {
  const { emit, gradient } = c;
  const [x, scale] = [c.input(0), c.input(1)];
  const rank = c.dims(x).length;
  const axes = range(c.axis(intOf(c.node, 'axis', -1), rank), rank);
  const epsilon = emit.number(floatOf(c.node, 'epsilon', 1e-5), x);
  const square = emit.add(emit.mean(emit.mul(x, x), axes), epsilon);
  const inverse = emit.op('Reciprocal', [emit.op('Sqrt', [square])]);
  const standard = emit.mul(x, inverse);
  const toX = () => {
    const scaled = emit.mul(gradient, scale);
    const along = emit.mul(standard, emit.mean(emit.mul(scaled, standard), axes));
    return emit.mul(emit.sub(scaled, along), inverse);
  };
  return [
    c.wants(0) ? toX() : undefined,
    c.wants(1) ? emit.unbroadcast(emit.mul(gradient, standard), c.dims(x), c.dims(scale)) : undefined,
  ];
};

/** x over its norm along one axis. */
const lpNormalization: GradientRule = (c) => {
  const { emit, gradient } = c;
  const x = c.input(0);
  const axis = c.axis(intOf(c.node, 'axis', -1), c.dims(x).length);
  const p = intOf(c.node, 'p', 2);
  const norm = emit.op(p === 1 ? 'ReduceL1' : 'ReduceL2', [x, emit.ints([axis])], { keepdims: 1 });
  const safe = emit.op('Where', [emit.op('Equal', [norm, emit.number(0, x)]), emit.number(1, x), norm]);
  const along = emit.sum(emit.mul(gradient, c.output()), [axis]);
  const direction = p === 1 ? emit.op('Sign', [x]) : c.output();
  return [emit.div(emit.sub(gradient, emit.mul(direction, along)), safe)];
};

const meanVarianceNormalization: GradientRule = (c) => {
  const x = c.input(0);
  const rank = c.dims(x).length;
  const axes = (intsOf(c.node, 'axes') ?? [0, 2, 3]).map((axis) => c.axis(axis, rank));
  const { inverse, standard } = standardise(c, x, axes, 0);
  return [throughStandardised(c, c.gradient, standard, inverse, axes)];
};

/** x / s^beta with s = bias + alpha / size * (sum of x^2 over the channels around). */
const lrn: GradientRule = (c) => {
  const { emit, gradient, node } = c;
  const x = c.input(0);
  const size = intOf(node, 'size', 1);
  const [alpha, beta, bias] = [floatOf(node, 'alpha', 1e-4), floatOf(node, 'beta', 0.75), floatOf(node, 'bias', 1)];
  const [below, above] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const [channels = 1, ...spatial] = c.staticDims(x, 1);
  const area = spatial.reduce((product, dim) => product * dim, 1);
  const ones = emit.numbers(
    [1, 1, size, 1],
    range(0, size).map(() => 1),
    x,
  );
  const windowSum = (value: string, pads: readonly number[]) => {
    const plane = emit.reshape(value, [-1, 1, channels, area]);
    return emit.reshapeLike(emit.op('Conv', [plane, ones], { kernel_shape: [size, 1], pads }), x);
  };
  const squares = windowSum(emit.mul(x, x), [below, 0, above, 0]);
  const s = emit.add(emit.mul(squares, emit.number(alpha / size, x)), emit.number(bias, x));
  const power = emit.op('Pow', [s, emit.number(-beta, x)]);
  // A channel is in the windows of those around it, seen from the other side.
  const inner = emit.div(emit.mul(gradient, emit.mul(x, power)), s);
  const around = emit.mul(windowSum(inner, [above, 0, below, 0]), emit.number((2 * alpha * beta) / size, x));
  return [emit.sub(emit.mul(gradient, power), emit.mul(x, around))];
};

export const normalizationRules: Readonly<Record<string, GradientRule>> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  RMSNormalization: rmsNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LRN: lrn,
};

import { type AttributeInputs, intsOf, stringOf } from '../../graph/attribute';
import type { GradientRule, RuleContext } from '../rule';

/**
 * Resampling is linear and works axis by axis. What it does along an axis is read off by applying it to the identity
 * matrix, which ONNX Runtime does once, when it loads the graph; the gradient is the product with the transpose.
 */
const resize: GradientRule = (c) => {
  const x = c.input(0);
  if (stringOf(c.node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') return keepingAspect(c);
  const before = c.dims(x);
  const after = c.dims(c.output());
  const { emit } = c;
  let { gradient } = c;
  before.forEach((size, axis) => {
    const to = after[axis]!;
    if (size === to && !crops(c)) return;
    if (typeof size !== 'number' || typeof to !== 'number') {
      throw c.refuse('it resamples an axis whose size depends on the batch');
    }
    gradient = emit.multiplyAlong(gradient, axisMatrix(c, axis, size, to), axis, before.length);
  });
  return [gradient];
};

/** The scale that keeps the aspect ratio is ONNX Runtime's own; which elements were taken tells the gradient. */
function keepingAspect(c: RuleContext): (string | undefined)[] {
  if (stringOf(c.node, 'mode', 'nearest') !== 'nearest') throw c.refuse('it interpolates and keeps the aspect ratio');
  const { emit } = c;
  const places = emit.cast(emit.places(c.input(0)), 'int32');
  const moved = emit.op('Resize', [places, ...c.node.inputs.slice(1)], c.node.attributes);
  return [emit.scatterAdd(c.gradient, emit.cast(moved, 'int64'), c.input(0))];
}

const crops = (c: RuleContext) => stringOf(c.node, 'coordinate_transformation_mode', '') === 'tf_crop_and_resize';

/** [size, to]: what each element of the axis contributes to each element of the result. */
function axisMatrix(c: RuleContext, axis: number, size: number, to: number): string {
  const { emit, node } = c;
  const { axes: _axes, keep_aspect_ratio_policy: _policy, ...rest } = node.attributes;
  const attributes: AttributeInputs = rest;
  const position = positionOf(c, axis);
  const byScale = c.input(2) !== '' && position !== undefined;
  const scales = byScale ? among(c, emit.float32([3], [1, 1, 1]), 2, position) : '';
  const sizes = byScale ? '' : emit.ints([1, 1, size, to]);
  const roi = crops(c) ? regionOf(c, position) : '';
  const resized = (values: readonly number[]) =>
    emit.op('Resize', [emit.float32([1, 1, size, size], values), roi, scales, sizes], attributes);
  const identity = Array.from({ length: size * size }, (_, i) => Number(i % (size + 1) === 0));
  const moved = resized(identity);
  // What is filled in from outside does not depend on the input.
  const linear = crops(c) ? emit.sub(moved, resized(identity.map(() => 0))) : moved;
  const matrix = emit.reshape(linear, [size, to]);
  return c.elementType(c.input(0)) === 'float32' ? matrix : emit.cast(matrix, c.elementType(c.input(0)));
}

/** Where an axis stands in scales, sizes and region, which may be given for some axes only. */
function positionOf(c: RuleContext, axis: number): number | undefined {
  const rank = c.dims(c.input(0)).length;
  const axes = intsOf(c.node, 'axes')?.map((item) => c.axis(item, rank));
  if (!axes) return axis;
  const position = axes.indexOf(axis);
  return position < 0 ? undefined : position;
}

/** Values followed by one element of an input. */
function among(c: RuleContext, values: string, input: number, position: number): string {
  const { emit } = c;
  const element = emit.op('Slice', [c.input(input), emit.ints([position]), emit.ints([position + 1])]);
  const own = c.elementType(c.input(input)) === 'float32' ? element : emit.cast(element, 'float32');
  return emit.op('Concat', [values, own], { axis: 0 });
}

function regionOf(c: RuleContext, position: number | undefined): string {
  const { emit } = c;
  if (position === undefined) return emit.float32([8], [0, 0, 0, 0, 1, 1, 1, 1]);
  const half = c.staticDims(c.input(1))[0]! / 2;
  const starts = among(c, emit.float32([3], [0, 0, 0]), 1, position);
  const ends = among(c, emit.float32([3], [1, 1, 1]), 1, position + half);
  return emit.op('Concat', [starts, ends], { axis: 0 });
}

export const resizeRules: Readonly<Record<string, GradientRule>> = { Resize: resize };

import { intOf } from '../../graph/attribute';
import type { GradientRule } from '../rule';

/** (x - zero point) scale, of integers: the scale alone has a gradient. */
const dequantizeLinear: GradientRule = (c) => {
  const { emit } = c;
  const scale = c.input(1);
  const dims = c.dims(c.output());
  const scaleDims = c.dims(scale);
  const axis = c.axis(intOf(c.node, 'axis', 1), dims.length);
  const block = intOf(c.node, 'block_size', 0);
  if (block > 0) {
    const sizes = c.staticDims(c.output());
    const blocks = [...sizes.slice(0, axis), -1, block, ...sizes.slice(axis + 1)];
    const products = emit.reshape(emit.mul(c.gradient, c.output()), blocks);
    return [undefined, emit.div(emit.sum(products, [axis + 1], false), scale)];
  }
  const shape = dims.map((_, i) => (i === axis ? -1 : 1));
  const spread = scaleDims.length === 0 || scaleDims.length === dims.length ? scale : emit.reshape(scale, shape);
  const whole = emit.div(emit.mul(c.gradient, c.output()), spread);
  const others = dims.flatMap((_, i) => (scaleDims.length === 1 && i === axis ? [] : [i]));
  return [undefined, emit.sum(whole, others, false)];
};

export const quantizationRules: Readonly<Record<string, GradientRule>> = { DequantizeLinear: dequantizeLinear };

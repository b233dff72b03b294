import { type AttributeInputs, floatOf, intOf } from '../attribute';
import type { GraphBuilder } from '../builder';
import type { Node } from '../ir';
import { scalar } from '../tensor';
import { like } from './like';
import { always, type Upgrade, type Upgrades, without } from './upgrade';

/** A tensor of integers as floats; the axis is that of its scales, where there are several. */
function floats(builder: GraphBuilder, [value, scale, zero]: readonly string[], axis = 0): string {
  return builder.node('DequantizeLinear', zero ? [value!, scale!, zero] : [value!, scale!], { axis });
}

function integers(builder: GraphBuilder, value: string, [scale, zero]: readonly string[], node: Node): void {
  const inputs = zero ? [value, scale!, zero] : [value, scale!];
  builder.node('QuantizeLinear', inputs, {}, { outputs: node.outputs });
}

/** An operator of one input that is followed by its scale and zero point, and those of the result. */
function unary(op: (node: Node, builder: GraphBuilder, value: string) => string): Upgrade {
  return always((node, { builder }) => {
    const [x = '', scale = '', zero = '', ...result] = node.inputs;
    integers(builder, op(node, builder, floats(builder, [x, scale, zero])), result, node);
  });
}

function binary(op: string): Upgrade {
  return always((node, { builder }) => {
    const { inputs } = node;
    const [a, b] = [floats(builder, inputs.slice(0, 3)), floats(builder, inputs.slice(3, 6))];
    integers(builder, builder.node(op, [a, b]), inputs.slice(6), node);
  });
}

const qLinearConv = always((node, { builder }) => {
  const { inputs } = node;
  const [, xScale = '', , , wScale = ''] = inputs;
  const operands = [floats(builder, inputs.slice(0, 3)), floats(builder, inputs.slice(3, 6))];
  const bias = inputs[8] ?? '';
  // The bias is in the products' own unit.
  if (bias) operands.push(floats(builder, [bias, builder.node('Mul', [xScale, wScale])]));
  integers(builder, builder.node('Conv', operands, node.attributes), inputs.slice(6, 8), node);
});

const qLinearMatMul = always((node, { builder }) => {
  const { inputs } = node;
  const [a, b] = [floats(builder, inputs.slice(0, 3), -2), floats(builder, inputs.slice(3, 6), -1)];
  integers(builder, builder.node('MatMul', [a, b]), inputs.slice(6), node);
});

/** The product of integers, in the unit of both scales. */
function inFloats(node: Node, product: string, scales: readonly string[], bias: string, builder: GraphBuilder): void {
  const unit = builder.node('Mul', scales);
  const scaled = builder.node('Mul', [builder.node('CastLike', [product, unit]), unit]);
  builder.node(bias ? 'Add' : 'Identity', bias ? [scaled, bias] : [scaled], {}, { outputs: node.outputs });
}

const matMulIntegerToFloat = always((node, { builder }) => {
  const [a = '', b = '', aScale = '', bScale = '', aZero = '', bZero = '', bias = ''] = node.inputs;
  inFloats(node, builder.node('MatMulInteger', [a, b, aZero, bZero]), [aScale, bScale], bias, builder);
});

const dynamicQuantizeMatMul = always((node, { builder }) => {
  const [a = '', b = '', bScale = '', bZero = '', bias = ''] = node.inputs;
  const [whole, aScale, aZero] = builder.node('DynamicQuantizeLinear', [a], {}, { outputs: 3 }) as [
    string,
    string,
    string,
  ];
  inFloats(node, builder.node('MatMulInteger', [whole, b, aZero, bZero]), [aScale, bScale], bias, builder);
});

const qGemm = always((node, { builder }) => {
  const { inputs } = node;
  const [, aScale = '', , , bScale = ''] = inputs;
  const transB = intOf(node, 'transB', 0);
  const operands = [floats(builder, inputs.slice(0, 3)), floats(builder, inputs.slice(3, 6), 1 - transB)];
  const alpha = floatOf(node, 'alpha', 1);
  const bias = inputs[6] ?? '';
  if (bias) {
    const unit = builder.node('Mul', [aScale, bScale]);
    const scale = alpha === 1 ? unit : builder.node('Mul', [unit, like(builder, scalar(alpha), unit)]);
    operands.push(floats(builder, [bias, scale], -1));
  }
  const { alpha: factor, transA, transB: turned } = node.attributes;
  const given: AttributeInputs = { alpha: factor, transA, transB: turned };
  const [yScale = '', yZero = ''] = inputs.slice(7);
  if (!yScale) builder.node('Gemm', operands, given, { outputs: node.outputs });
  else integers(builder, builder.node('Gemm', operands, given), [yScale, yZero], node);
});

/** Scale and zero point of the result come first, then every input with its own. */
const qLinearConcat = always((node, { builder }) => {
  const [scale = '', zero = '', ...rest] = node.inputs;
  const values = Array.from({ length: rest.length / 3 }, (_, i) => floats(builder, rest.slice(3 * i, 3 * i + 3)));
  integers(builder, builder.node('Concat', values, node.attributes), [scale, zero], node);
});

const own: Upgrade = always((node, { builder }) => builder.append({ ...node, domain: '' }));

const isFirst = (node: Node) => intOf(node, 'channels_last', 0) === 0;

/** Pooling of integers; with channels that come last it is left as it is. */
function pooled(op: string): Upgrade {
  const written = unary((node, builder, value) => builder.node(op, [value], without(node, 'channels_last')));
  return always((node, context) => {
    if (isFirst(node)) written.rewrite(node, context);
    else context.builder.append(node);
  });
}

/** Operators on integers with a scale, as those on floats between DequantizeLinear and QuantizeLinear. */
export const quantisedUpgrades: Upgrades = {
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
  'com.microsoft.QLinearConv': always((node, context) => {
    if (isFirst(node)) qLinearConv.rewrite({ ...node, attributes: without(node, 'channels_last') }, context);
    else context.builder.append(node);
  }),
  'com.microsoft.QLinearAdd': binary('Add'),
  'com.microsoft.QLinearMul': binary('Mul'),
  'com.microsoft.QLinearSigmoid': unary((_node, builder, value) => builder.node('Sigmoid', [value])),
  'com.microsoft.QLinearLeakyRelu': unary((node, builder, value) =>
    builder.node('LeakyRelu', [value], node.attributes),
  ),
  'com.microsoft.QLinearSoftmax': unary((node, builder, value) =>
    builder.node('Softmax', [value], without(node, 'opset')),
  ),
  'com.microsoft.QLinearAveragePool': pooled('AveragePool'),
  'com.microsoft.QLinearGlobalAveragePool': pooled('GlobalAveragePool'),
  'com.microsoft.QLinearConcat': qLinearConcat,
  'com.microsoft.QGemm': qGemm,
  'com.microsoft.MatMulIntegerToFloat': matMulIntegerToFloat,
  'com.microsoft.DynamicQuantizeMatMul': dynamicQuantizeMatMul,
  'com.microsoft.QuantizeLinear': own,
  'com.microsoft.DequantizeLinear': own,
};

import { type AttributeInputs, float, floatOf, intOf, stringOf } from '../attribute';
import type { Node } from '../ir';
import { scalar } from '../tensor';
import { like } from './like';
import { always, type UpgradeContext, type Upgrades, without } from './upgrade';

/** ONNX Runtime's activations of one input, in ONNX's own. */
function gelu(approximate: 'none' | 'tanh') {
  return always((node, { builder }) => {
    const [x = '', bias = ''] = node.inputs;
    const input = bias ? builder.node('Add', [x, bias]) : x;
    builder.node('Gelu', [input], { approximate }, { outputs: node.outputs });
  });
}

const quickGelu = always((node, { builder }) => {
  const x = node.inputs[0]!;
  const steep = builder.node('Mul', [x, like(builder, scalar(floatOf(node, 'alpha', 1.702)), x)]);
  builder.node('Mul', [x, builder.node('Sigmoid', [steep])], {}, { outputs: node.outputs });
});

/** Appends the activation that a fused node ends in. */
function activated(node: Node, value: string, parameters: readonly number[], { builder }: UpgradeContext): void {
  const op = stringOf(node, 'activation', '') || 'Identity';
  const [first, second] = parameters;
  if (op === 'Clip') {
    const bounds = [first, second].map((bound) => (bound === undefined ? '' : like(builder, scalar(bound), value)));
    builder.node('Clip', [value, ...bounds], {}, { outputs: node.outputs });
    return;
  }
  const given: AttributeInputs = {
    alpha: first === undefined ? undefined : float(first),
    beta: second === undefined ? undefined : float(second),
  };
  const takes: Readonly<Record<string, readonly string[]>> = { LeakyRelu: ['alpha'], HardSigmoid: ['alpha', 'beta'] };
  const kept = Object.fromEntries((takes[op] ?? []).map((name) => [name, given[name]]));
  builder.node(op, [value], kept, { outputs: node.outputs });
}

const fusedConv = always((node, context) => {
  const { builder } = context;
  const [x = '', weight = '', bias = '', sum = ''] = node.inputs;
  const own = without(node, 'activation', 'activation_params');
  const conv = builder.node('Conv', bias ? [x, weight, bias] : [x, weight], own);
  const parameters = node.attributes['activation_params'];
  const value = sum ? builder.node('Add', [conv, sum]) : conv;
  activated(node, value, parameters?.type === 'floats' ? parameters.value : [], context);
});

const fusedGemm = always((node, context) => {
  const names = ['activation_alpha', 'activation_beta'];
  const own = without(node, 'activation', 'activation_gamma', ...names);
  const value = context.builder.node('Gemm', node.inputs, own);
  const parameters = names.filter((name) => node.attributes[name]).map((name) => floatOf(node, name, 0));
  activated(node, value, parameters, context);
});

const fusedMatMul = always((node, { builder }) => {
  if (intOf(node, 'transBatchA', 0) || intOf(node, 'transBatchB', 0)) {
    builder.append(node);
    return;
  }
  // An ellipsis, as the rank need not be known.
  const turned = (value: string, name: string) =>
    intOf(node, name, 0) ? builder.node('Einsum', [value], { equation: '...ij->...ji' }) : value;
  const factors = [turned(node.inputs[0]!, 'transA'), turned(node.inputs[1]!, 'transB')];
  const alpha = floatOf(node, 'alpha', 1);
  if (alpha === 1) {
    builder.node('MatMul', factors, {}, { outputs: node.outputs });
    return;
  }
  const product = builder.node('MatMul', factors);
  builder.node('Mul', [product, like(builder, scalar(alpha), product)], {}, { outputs: node.outputs });
});

/** Operators that ONNX Runtime's optimiser and tools fuse others into, written out again. */
export const fusedUpgrades: Upgrades = {
  'com.microsoft.Gelu': gelu('none'),
  'com.microsoft.BiasGelu': gelu('none'),
  'com.microsoft.FastGelu': gelu('tanh'),
  'com.microsoft.QuickGelu': quickGelu,
  'com.microsoft.FusedConv': fusedConv,
  'com.microsoft.FusedGemm': fusedGemm,
  'com.microsoft.FusedMatMul': fusedMatMul,
  'com.microsoft.TransposeMatMul': fusedMatMul,
};

import { attributes, float, floatOf, intOf } from '../attribute';
import type { GraphBuilder } from '../builder';
import type { Node } from '../ir';
import { int64Vector, scalar } from '../tensor';
import { like } from './like';
import { always, type UpgradeContext, type Upgrades } from './upgrade';

/** x / sqrt(mean(x^2) + epsilon) times the scale. */
function rootMeanSquare(node: Node, x: string, scale: string, epsilon: number, builder: GraphBuilder): void {
  const axes = builder.constant(int64Vector([-1]), 'axes');
  const mean = builder.node('ReduceMean', [builder.node('Mul', [x, x]), axes], { keepdims: 1 });
  const root = builder.node('Sqrt', [builder.node('Add', [mean, like(builder, scalar(epsilon), x)])]);
  const [output = '', deviation = ''] = node.outputs;
  if (deviation) builder.node('Reciprocal', [root], {}, { outputs: [deviation] });
  builder.node('Mul', [builder.node('Div', [x, root]), scale], {}, { outputs: [output] });
}

const simplified = always((node, { builder }) => {
  if (intOf(node, 'axis', -1) !== -1) builder.append(node);
  else rootMeanSquare(node, node.inputs[0]!, node.inputs[1]!, floatOf(node, 'epsilon', 1e-5), builder);
});

/** The sum of the input, what skipped layers, and a bias; the fourth output is that sum itself. */
function skipped(node: Node, bias: number, { builder }: UpgradeContext): string {
  const more = node.inputs[bias] ?? '';
  const shown = node.outputs[3] ?? '';
  const both = builder.node('Add', [node.inputs[0]!, node.inputs[1]!]);
  const sum = more ? builder.node('Add', [both, more]) : both;
  return shown ? builder.node('Identity', [sum], {}, { outputs: [shown] })[0]! : sum;
}

const skipLayerNormalization = always((node, context) => {
  const { builder } = context;
  const sum = skipped(node, 4, context);
  const [output = '', mean = '', deviation = ''] = node.outputs;
  const [scale = '', bias = ''] = node.inputs.slice(2, 4);
  const given = attributes({ axis: -1, epsilon: float(floatOf(node, 'epsilon', 1e-12)) });
  const outputs = deviation ? [output, mean, deviation] : mean ? [output, mean] : [output];
  builder.node('LayerNormalization', bias ? [sum, scale, bias] : [sum, scale], given, { outputs });
});

const skipSimplified = always((node, context) => {
  const sum = skipped(node, 3, context);
  const [output = '', , deviation = ''] = node.outputs;
  const normal = { ...node, outputs: [output, deviation] };
  rootMeanSquare(normal, sum, node.inputs[2]!, floatOf(node, 'epsilon', 1e-12), context.builder);
});

/** Embeddings of words, positions and segments, summed up and normalised. */
const embedLayerNormalization = always((node, { builder }) => {
  const [ids = '', segments = '', words = '', positions = '', segmentTable = '', scale = '', bias = '', mask = ''] =
    node.inputs;
  const [output = '', maskIndex = '', shown = ''] = node.outputs;
  const long = (value: number) => builder.constant(scalar(value, 'int64'));
  const length = builder.node('Squeeze', [builder.node('Shape', [ids], { start: 1, end: 2 })]);
  const places = node.inputs[8] || builder.node('Range', [long(0), length, long(1)]);
  const placed = builder.node('Add', [
    builder.node('Gather', [words, ids]),
    builder.node('Gather', [positions, places]),
  ]);
  const sum = segments ? builder.node('Add', [placed, builder.node('Gather', [segmentTable, segments])]) : placed;
  if (shown) builder.node('Identity', [sum], {}, { outputs: [shown] });
  if (maskIndex) {
    const one = builder.constant(int64Vector([1]), 'axes');
    if (mask) builder.node('ReduceSum', [mask, one], { keepdims: 0 }, { outputs: [maskIndex] });
    else {
      const batch = builder.node('Shape', [ids], { start: 0, end: 1 });
      const zero = { type: 'int32', dims: [1], data: Int32Array.of(0) } as const;
      builder.node('ConstantOfShape', [batch], { value: zero }, { outputs: [maskIndex] });
    }
  }
  const given = attributes({ axis: -1, epsilon: float(floatOf(node, 'epsilon', 1e-12)) });
  builder.node('LayerNormalization', [sum, scale, bias], given, { outputs: [output] });
});

/** ONNX Runtime's normalisations, in ONNX's own. */
export const fusedNormalizationUpgrades: Upgrades = {
  SimplifiedLayerNormalization: simplified,
  'com.microsoft.SimplifiedLayerNormalization': simplified,
  'com.microsoft.SkipLayerNormalization': skipLayerNormalization,
  'com.microsoft.SkipSimplifiedLayerNormalization': skipSimplified,
  'com.microsoft.EmbedLayerNormalization': embedLayerNormalization,
};

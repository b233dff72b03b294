import { type Attribute, float32Tensor, GraphBuilder, int64Vector, type Model, type Node, scalar } from '@rampart/onnx';

/** The domain of ONNX's operators for classical models, which scikit-learn's exporter writes. */
const DOMAIN = 'ai.onnx.ml';
const FLOAT32 = 1;

/** Writes a node in standard operators; false where it has to stay as it is. */
type Lowering = (node: Node, context: LoweringContext) => boolean;

interface LoweringContext {
  readonly builder: GraphBuilder;
  /** Logistic scores before their sigmoid, by the name of the value after it. */
  readonly logistic: Map<string, string>;
  /** Values whose rows are probabilities that sum to 1. */
  readonly normal: Set<string>;
}

const LOWERINGS: Readonly<Record<string, Lowering>> = {
  Imputer: imputer,
  LinearClassifier: linearClassifier,
  Normalizer: normalizer,
  Scaler: scaler,
};

/**
 * Rewrites operators of classical models in standard ones, which have gradients: linear classifiers, scalers,
 * normalisers, and what fills in missing values. Others stay.
 * @param model in normal form
 */
export function lowerLearningOperators(model: Model): Model {
  const { graph } = model;
  if (!graph.nodes.some(({ domain, op }) => domain === DOMAIN && Object.hasOwn(LOWERINGS, op))) return model;
  const reserved = graph.nodes.flatMap(({ name, outputs }) => [name, ...outputs]);
  const builder = new GraphBuilder({ ...graph, nodes: [], outputs: [] }, { reserved });
  const context: LoweringContext = { builder, logistic: new Map(), normal: new Set() };
  for (const node of graph.nodes) {
    const lowering = node.domain === DOMAIN && Object.hasOwn(LOWERINGS, node.op) ? LOWERINGS[node.op] : undefined;
    if (!lowering?.(node, context)) builder.append(node);
  }
  return { ...model, graph: { ...builder.build(graph.name), outputs: graph.outputs } };
}

/** Y, Z = LinearClassifier(X): Z = post_transform(X coefficients^T + intercepts). */
function linearClassifier(node: Node, { builder, logistic, normal }: LoweringContext): boolean {
  const [scores] = node.outputs.slice(1);
  const coefficients = numbers(node.attributes['coefficients']);
  const intercepts = numbers(node.attributes['intercepts']);
  const classes = lengthOf(node.attributes['classlabels_ints']) || lengthOf(node.attributes['classlabels_strings']);
  const transform = textOf(node.attributes['post_transform'], 'NONE');
  const isKnown = transform === 'NONE' || transform === 'SOFTMAX' || transform === 'LOGISTIC';
  // A single row of coefficients for two classes has conventions of its own.
  if (!scores || classes < 2 || intercepts.length !== classes || coefficients.length % classes !== 0 || !isKnown) {
    return false;
  }
  const features = coefficients.length / classes;
  // Two logistic scores of which one is the negative of the other are the softmax of half of them.
  const opposite = transform === 'LOGISTIC' && classes === 2 && isOpposite(coefficients) && isOpposite(intercepts);
  const factor = opposite ? 0.5 : 1;
  const weights = float32Tensor(
    [classes, features],
    coefficients.map((value) => value * factor),
  );
  const bias = float32Tensor(
    [classes],
    intercepts.map((value) => value * factor),
  );
  const x = builder.node('Cast', [node.inputs[0]!], { to: FLOAT32 });
  const z = builder.node('Gemm', [x, builder.constant(weights), builder.constant(bias)], { transB: 1 });

  // The labels, the first output, are still the original's.
  builder.append({ ...node, outputs: [node.outputs[0]!, builder.reserve(scores)] });
  if (transform === 'SOFTMAX' || opposite) {
    builder.node('Softmax', [z], { axis: -1 }, { outputs: [scores] });
    normal.add(scores);
  } else {
    builder.node(transform === 'LOGISTIC' ? 'Sigmoid' : 'Identity', [z], {}, { outputs: [scores] });
    if (transform === 'LOGISTIC') logistic.set(scores, z);
  }
  return true;
}

/** Y = X divided, row by row, by the sum of its absolute values, its length or its largest value. */
function normalizer(node: Node, { builder, logistic, normal }: LoweringContext): boolean {
  const [x] = node.inputs as [string];
  const outputs = node.outputs.slice(0, 1);
  const norm = textOf(node.attributes['norm'], 'MAX');
  if (norm === 'L1' && normal.has(x)) {
    builder.node('Identity', [x], {}, { outputs });
    return true;
  }
  const z = logistic.get(x);
  if (norm === 'L1' && z !== undefined) {
    // sigmoid(z) over its sum is the softmax of log sigmoid(z) = -softplus(-z).
    const logarithm = builder.node('Neg', [builder.node('Softplus', [builder.node('Neg', [z])])]);
    builder.node('Softmax', [logarithm], { axis: -1 }, { outputs });
    return true;
  }
  const value = builder.node('Cast', [x], { to: FLOAT32 });
  const axis = builder.constant(int64Vector([-1]));
  const operator = { L1: 'ReduceL1', L2: 'ReduceL2', MAX: 'ReduceMax' }[norm];
  if (operator === undefined) return false;
  builder.node('Div', [value, builder.node(operator, [value, axis], { keepdims: 1 })], {}, { outputs });
  return true;
}

/** Y = (X - offset) * scale. */
function scaler(node: Node, { builder }: LoweringContext): boolean {
  let value = builder.node('Cast', [node.inputs[0]!], { to: FLOAT32 });
  const offset = numbers(node.attributes['offset']);
  const scale = numbers(node.attributes['scale']);
  const constant = (values: readonly number[]) =>
    builder.constant(values.length === 1 ? scalar(values[0]!) : float32Tensor([values.length], values));
  if (offset.length > 0) value = builder.node('Sub', [value, constant(offset)]);
  builder.node('Mul', [value, constant(scale.length > 0 ? scale : [1])], {}, { outputs: node.outputs });
  return true;
}

/** Y = X, with a value of the feature's own, or the one of all, in the place of those that stand for a missing one. */
function imputer(node: Node, { builder }: LoweringContext): boolean {
  const values = numbers(node.attributes['imputed_value_floats']);
  if (values.length === 0) return false;
  const x = builder.node('Cast', [node.inputs[0]!], { to: FLOAT32 });
  const missing = numberOf(node.attributes['replaced_value_float'], 0);
  const isMissing = Number.isNaN(missing)
    ? builder.node('IsNaN', [x])
    : builder.node('Equal', [x, builder.constant(scalar(missing))]);
  const imputed = builder.constant(float32Tensor([values.length], values));
  builder.node('Where', [isMissing, imputed, x], {}, { outputs: node.outputs });
  return true;
}

function isOpposite(values: readonly number[]): boolean {
  const half = values.length / 2;
  return values.slice(0, half).every((value, index) => value === -values[half + index]!);
}

function numbers(attribute: Attribute | undefined): readonly number[] {
  return attribute?.type === 'ints' || attribute?.type === 'floats' ? attribute.value : [];
}

function numberOf(attribute: Attribute | undefined, fallback: number): number {
  return attribute?.type === 'float' ? attribute.value : fallback;
}

function lengthOf(attribute: Attribute | undefined): number {
  return attribute?.type === 'ints' || attribute?.type === 'strings' ? attribute.value.length : 0;
}

function textOf(attribute: Attribute | undefined, fallback: string): string {
  return attribute?.type === 'string' ? attribute.value : fallback;
}

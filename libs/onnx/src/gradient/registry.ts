import type { Node } from '../graph/ir';
import type { GradientRule } from './rule';
import { RULES } from './rules';

/** Operators whose outputs do not change, or change in steps only: their gradient is zero wherever it exists. */
const ZERO = new Set(
  `ArgMax ArgMin And Or Xor Not Equal Greater GreaterOrEqual Less LessOrEqual Sign Round Floor Ceil Shape Size NonZero
   IsNaN IsInf OneHot EyeLike ConstantOfShape Constant Range Hardmax BitShift BitwiseAnd BitwiseOr BitwiseXor BitwiseNot
   RandomNormal RandomUniform RandomNormalLike RandomUniformLike Bernoulli Multinomial Unique NonMaxSuppression
   QuantizeLinear DynamicQuantizeLinear StringNormalizer TfIdfVectorizer StringConcat StringSplit RegexFullMatch
   BlackmanWindow HannWindow HammingWindow MelWeightMatrix Binarizer`.split(/\s+/),
);

const ZERO_ML = new Set(
  `TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor LabelEncoder OneHotEncoder CategoryMapper Binarizer
   DictVectorizer ZipMap CastMap`.split(/\s+/),
);

/** Operators with graphs inside, through which gradients pass. */
const CONTROL_FLOW = new Set(['If', 'Loop']);

/**
 * Whether an operator can be differentiated: `exact` by a rule; `zero` where it changes in steps only, so that its
 * gradient is zero wherever it exists; `missing` where this library has no rule.
 * @param domain the empty string for ONNX's own operators
 */
export function gradientSupport(op: string, domain = ''): 'exact' | 'zero' | 'missing' {
  if (domain === 'ai.onnx.ml') return ZERO_ML.has(op) ? 'zero' : 'missing';
  if (domain !== '' && domain !== 'ai.onnx') return 'missing';
  if (Object.hasOwn(RULES, op) || CONTROL_FLOW.has(op)) return 'exact';
  return ZERO.has(op) ? 'zero' : 'missing';
}

/** The rule of a node; undefined where there is none. */
export function ruleOf(node: Node): GradientRule | undefined {
  return node.domain === '' && Object.hasOwn(RULES, node.op) ? RULES[node.op] : undefined;
}

/** Operators that have a rule, or graphs inside that are differentiated. */
export function differentiableOperators(): readonly string[] {
  return [...Object.keys(RULES), ...CONTROL_FLOW].toSorted();
}

/** Operators that change in steps only; those of another domain than ONNX's own have it in front. */
export function steppingOperators(): readonly string[] {
  return [...ZERO, ...[...ZERO_ML].map((op) => `ai.onnx.ml.${op}`)].toSorted();
}

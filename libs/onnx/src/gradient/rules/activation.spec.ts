import { float } from '../../graph/attribute';
import { float32Tensor, scalar } from '../../graph/tensor';
import { checkRule, itHasGradients, type Numbers, type RuleCase } from '../check-rule.kit';

type Make = (numbers: Numbers) => Partial<RuleCase>;

const distinct: Make = (numbers) => ({ inputs: [numbers.distinct([numbers.integer(1, 4), 7])] });
const between =
  (low: number, high: number): Make =>
  (numbers) => ({ inputs: [numbers.uniform([numbers.integer(1, 4), 7], low, high)] });
const withAttributes =
  (attributes: (numbers: Numbers) => RuleCase['attributes'], make: Make = distinct): Make =>
  (numbers) => ({ ...make(numbers), attributes: attributes(numbers) });
const alpha = (numbers: Numbers) => ({ alpha: float(0.2 + numbers.next()) });

/** Every operator with the inputs that it is smooth at. */
const CASES: Readonly<Record<string, Make>> = {
  Relu: distinct,
  LeakyRelu: withAttributes(alpha),
  PRelu: (numbers) => ({
    inputs: [numbers.distinct([2, 3, 4]), numbers.uniform(numbers.pick([[3, 1], [1], [4], [3, 4]]))],
  }),
  Elu: withAttributes((numbers) => (numbers.next() < 0.5 ? {} : alpha(numbers))),
  Celu: withAttributes(alpha),
  Selu: withAttributes(() => ({ alpha: float(1.3), gamma: float(1.1) })),
  Gelu: withAttributes((numbers) => ({ approximate: numbers.pick(['none', 'tanh']) })),
  Swish: (numbers) => ({ ...withAttributes(alpha)(numbers), opset: 24 }),
  Mish: distinct,
  Sigmoid: distinct,
  HardSigmoid: withAttributes(() => ({ alpha: float(0.3), beta: float(0.45) })),
  HardSwish: (numbers) => ({ inputs: [numbers.distinct([40], 0.25)] }),
  Softplus: distinct,
  Softsign: distinct,
  ThresholdedRelu: withAttributes(() => ({ alpha: float(0.4) })),
  Shrink: withAttributes(() => ({ lambd: float(0.4), bias: float(0.3) })),
  Tanh: distinct,
  Abs: distinct,
  Neg: distinct,
  Exp: distinct,
  Log: between(0.3, 3),
  Sqrt: between(0.3, 3),
  Reciprocal: between(0.4, 2),
  Erf: distinct,
  Sin: distinct,
  Cos: distinct,
  Tan: between(-1, 1),
  Asin: between(-0.8, 0.8),
  Acos: between(-0.8, 0.8),
  Atan: distinct,
  Sinh: distinct,
  Cosh: distinct,
  Asinh: distinct,
  Acosh: between(1.3, 3),
  Atanh: between(-0.8, 0.8),
  Clip: (numbers) => {
    const bounds = [scalar(-0.4), scalar(0.6)].map((bound) => (numbers.next() < 0.3 ? undefined : bound));
    const constants = numbers.next() < 0.5 ? [1, 2] : [];
    return { inputs: [numbers.distinct([3, 5]), ...bounds], constants };
  },
};

describe('operators on the elements of one input', () => {
  for (const [op, make] of Object.entries(CASES)) {
    itHasGradients(op, (numbers) => ({ op, inputs: [], free: [0], ...make(numbers) }), { runs: 6, within: 2e-3 });
  }

  it('Relu is flat at 0', async () => {
    const [comparison] = await checkRule({ op: 'Relu', inputs: [float32Tensor([1], [0])] });
    expect(comparison!.derived).toEqual([0]);
  });
});

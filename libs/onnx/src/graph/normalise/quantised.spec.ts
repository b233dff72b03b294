import { float } from '../attribute';
import type { Numbers, RuleCase } from '../../gradient/check-rule.kit';
import { elementCount, float32Tensor, int32Tensor, scalar, tensor } from '../tensor';
import { itIsWrittenOut } from './written-out.kit';

const domain = 'com.microsoft';

const bytes = (numbers: Numbers, ...dims: number[]) =>
  tensor(
    'uint8',
    dims,
    Uint8Array.from({ length: elementCount(dims) }, () => numbers.integer(40, 200)),
  );
const signed = (numbers: Numbers, ...dims: number[]) =>
  tensor(
    'int8',
    dims,
    Int8Array.from({ length: elementCount(dims) }, () => numbers.integer(-60, 60)),
  );
const scale = (value: number) => scalar(value);
const zero = (value: number) => scalar(value, 'uint8');
const none = () => scalar(0, 'int8');
const constantsFrom = (first: number, count: number) => Array.from({ length: count - first }, (_, i) => first + i);

/** Integers have no gradient; roundings may fall to either side. */
function itRounds(name: string, make: (numbers: Numbers) => RuleCase): void {
  itIsWrittenOut(name, make, { gradient: false, within: 1 });
}

describe('operators on integers', () => {
  itRounds('QLinearConv', (numbers) => {
    const scales = float32Tensor([4], [0.01, 0.02, 0.015, 0.005]);
    const zeros = tensor('int8', [4], new Int8Array(4));
    const perChannel = numbers.next() < 0.5;
    const weights = [signed(numbers, 4, 2, 3, 3), perChannel ? scales : scale(0.01), perChannel ? zeros : none()];
    const bias = int32Tensor([4], [10, -20, 300, 5]);
    const inputs = [bytes(numbers, 1, 2, 5, 5), scale(0.02), zero(128), ...weights, scale(0.05), zero(120), bias];
    return { op: 'QLinearConv', inputs, attributes: { kernel_shape: [3, 3] }, constants: constantsFrom(1, 9) };
  });

  itRounds('QLinearMatMul', (numbers) => {
    const left = [bytes(numbers, 3, 4), scale(0.02), zero(128)];
    const inputs = [...left, signed(numbers, 4, 5), scale(0.01), none(), scale(0.02), zero(120)];
    return { op: 'QLinearMatMul', inputs, constants: constantsFrom(1, 8) };
  });

  for (const op of ['QLinearAdd', 'QLinearMul']) {
    itRounds(op, (numbers) => {
      const left = [bytes(numbers, 2, 3), scale(0.02), zero(128)];
      const inputs = [...left, bytes(numbers, 3), scale(0.01), zero(100), scale(0.03), zero(120)];
      return { op, domain, inputs, constants: constantsFrom(3, 8) };
    });
  }

  const UNARY = {
    QLinearSigmoid: {},
    QLinearLeakyRelu: { alpha: float(0.2) },
    QLinearGlobalAveragePool: { channels_last: 0 },
    QLinearAveragePool: { kernel_shape: [2, 2] },
  };
  for (const [op, attributes] of Object.entries(UNARY)) {
    itRounds(op, (numbers) => {
      const inputs = [bytes(numbers, 1, 2, 4, 4), scale(0.02), zero(128), scale(0.02), zero(100)];
      return { op, domain, inputs, attributes, constants: constantsFrom(1, 5) };
    });
  }

  itRounds('QLinearConcat', (numbers) => {
    const first = [bytes(numbers, 2, 3), scale(0.02), zero(128)];
    const second = [bytes(numbers, 2, 2), scale(0.01), zero(100)];
    const inputs = [scale(0.02), zero(120), ...first, ...second];
    return { op: 'QLinearConcat', domain, inputs, attributes: { axis: 1 }, constants: [0, 1, 3, 4, 6, 7] };
  });

  itIsWrittenOut(
    'QGemm',
    (numbers) => {
      const left = [bytes(numbers, 2, 3), scale(0.02), zero(128)];
      const inputs = [...left, signed(numbers, 4, 3), scale(0.01), none(), int32Tensor([4], [5, -6, 70, 8])];
      const attributes = { transB: 1, alpha: float(numbers.pick([1, 0.5])) };
      return { op: 'QGemm', domain, inputs, attributes, constants: constantsFrom(1, 7) };
    },
    { gradient: false },
  );

  itIsWrittenOut(
    'MatMulIntegerToFloat',
    (numbers) => {
      const inputs = [bytes(numbers, 2, 3), signed(numbers, 3, 4), scale(0.02), scale(0.01), zero(128), none()];
      const bias = numbers.uniform([4]);
      return { op: 'MatMulIntegerToFloat', domain, inputs: [...inputs, bias], constants: constantsFrom(1, 7) };
    },
    { gradient: false },
  );

  itIsWrittenOut(
    'DynamicQuantizeMatMul',
    (numbers) => {
      const inputs = [numbers.uniform([2, 3]), signed(numbers, 3, 4), scale(0.01), none()];
      return { op: 'DynamicQuantizeMatMul', domain, inputs, constants: [1, 2, 3] };
    },
    { gradient: false },
  );
});

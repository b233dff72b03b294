import { float, floats } from '../attribute';
import { int32Tensor, int64Tensor } from '../tensor';
import type { Numbers } from '../../gradient/check-rule.kit';
import { itIsWrittenOut } from './written-out.kit';

const domain = 'com.microsoft';

describe('fused activations', () => {
  for (const op of ['Gelu', 'BiasGelu', 'FastGelu', 'QuickGelu']) {
    itIsWrittenOut(op, (numbers) => ({
      op,
      domain,
      inputs: [
        numbers.uniform([2, 3, 4]),
        op === 'BiasGelu' || (op === 'FastGelu' && numbers.next() < 0.5) ? numbers.uniform([4]) : undefined,
      ],
      free: [0],
    }));
  }
});

describe('fused products', () => {
  const ACTIVATIONS = [
    {},
    { activation: 'Tanh' },
    { activation: 'Sigmoid' },
    { activation: 'LeakyRelu', activation_params: floats([0.2]) },
    { activation: 'HardSigmoid', activation_params: floats([0.05, 0.5]) },
    { activation: 'Clip', activation_params: floats([-100, 100]) },
  ];
  itIsWrittenOut('FusedConv', (numbers) => {
    const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], ...numbers.pick(ACTIVATIONS) };
    const bias = numbers.uniform([4]);
    const sum = numbers.next() < 0.5 ? numbers.uniform([2, 4, 5, 5]) : undefined;
    const inputs = [numbers.uniform([2, 3, 5, 5]), numbers.uniform([4, 3, 3, 3], -0.3, 0.3), bias, sum];
    return { op: 'FusedConv', domain, inputs, attributes, constants: [1], free: [0, 3] };
  });

  itIsWrittenOut('FusedMatMul', (numbers) => {
    const [transA, transB] = [numbers.integer(0, 1), numbers.integer(0, 1)];
    const matrix = (turned: number, rows: number, columns: number) =>
      numbers.uniform([2, ...(turned ? [columns, rows] : [rows, columns])]);
    const attributes = { transA, transB, alpha: float(numbers.pick([1, 0.5])) };
    return { op: 'FusedMatMul', domain, inputs: [matrix(transA, 3, 4), matrix(transB, 4, 2)], attributes };
  });

  itIsWrittenOut('FusedGemm', (numbers) => {
    const activation = numbers.pick([
      { activation: 'Tanh' },
      { activation: 'LeakyRelu', activation_alpha: float(0.3) },
    ]);
    const inputs = [numbers.uniform([2, 3]), numbers.uniform([3, 4]), numbers.uniform([4])];
    return { op: 'FusedGemm', domain, inputs, attributes: { alpha: float(0.5), ...activation } };
  });
});

describe('fused normalisations', () => {
  const epsilon = float(1e-3);
  itIsWrittenOut('SkipLayerNormalization', (numbers) => ({
    op: 'SkipLayerNormalization',
    domain,
    inputs: [
      numbers.uniform([2, 3, 6]),
      numbers.uniform([2, 3, 6]),
      numbers.uniform([6]),
      numbers.next() < 0.5 ? numbers.uniform([6]) : undefined,
      numbers.next() < 0.5 ? numbers.uniform([6]) : undefined,
    ],
    attributes: { epsilon },
    free: [0, 1],
  }));

  itIsWrittenOut('SkipSimplifiedLayerNormalization', (numbers) => ({
    op: 'SkipSimplifiedLayerNormalization',
    domain,
    inputs: [numbers.uniform([2, 3, 6]), numbers.uniform([2, 3, 6]), numbers.uniform([6])],
    attributes: { epsilon },
  }));

  itIsWrittenOut('SimplifiedLayerNormalization', (numbers) => ({
    op: 'SimplifiedLayerNormalization',
    inputs: [numbers.uniform([2, 3, 6]), numbers.uniform([6])],
    attributes: { epsilon, axis: -1 },
  }));

  itIsWrittenOut('EmbedLayerNormalization', (numbers) => {
    const ids = (high: number) =>
      int32Tensor(
        [2, 4],
        Array.from({ length: 8 }, () => numbers.integer(0, high)),
      );
    const segments = numbers.next() < 0.5;
    return {
      op: 'EmbedLayerNormalization',
      domain,
      outputs: 2,
      inputs: [
        ids(8),
        segments ? ids(1) : undefined,
        numbers.uniform([9, 6]),
        numbers.uniform([4, 6]),
        segments ? numbers.uniform([2, 6]) : undefined,
        numbers.uniform([6]),
        numbers.uniform([6]),
      ],
      attributes: { epsilon },
    };
  });
});

describe('fused attention', () => {
  const maskOf = (numbers: Numbers) => int32Tensor([2, 4], [1, 1, numbers.integer(0, 1), 0, 1, 1, 1, 1]);

  itIsWrittenOut('Attention', (numbers) => {
    const masked = numbers.next() < 0.5;
    return {
      op: 'Attention',
      domain,
      inputs: [
        numbers.uniform([2, 4, 6]),
        numbers.uniform([6, 24], -0.6, 0.6),
        numbers.uniform([24]),
        masked ? maskOf(numbers) : undefined,
      ],
      attributes: { num_heads: 2, unidirectional: masked ? 0 : numbers.integer(0, 1) },
      constants: [1],
      free: [0, 3],
    };
  });

  itIsWrittenOut('MultiHeadAttention', (numbers) => ({
    op: 'MultiHeadAttention',
    domain,
    inputs: [
      numbers.uniform([2, 3, 8]),
      numbers.uniform([2, 4, 8]),
      numbers.uniform([2, 4, 8]),
      numbers.next() < 0.5 ? numbers.uniform([24]) : undefined,
      numbers.next() < 0.5 ? maskOf(numbers) : undefined,
      numbers.next() < 0.5 ? numbers.uniform([1, 2, 3, 4]) : undefined,
    ],
    attributes: { num_heads: 2, scale: numbers.next() < 0.5 ? float(0.3) : undefined },
    constants: [3],
  }));

  itIsWrittenOut('RotaryEmbedding', (numbers) => {
    const [interleaved, partial, apart] = [numbers.integer(0, 1), numbers.next() < 0.3, numbers.next() < 0.5];
    const angles = partial ? 2 : 3;
    const size = partial ? 8 : 6;
    const offset = numbers.next() < 0.5;
    const cache = () => numbers.uniform([9, angles]);
    return {
      op: 'RotaryEmbedding',
      domain,
      inputs: [
        apart ? numbers.uniform([2, 2, 4, size]) : numbers.uniform([2, 4, 2 * size]),
        offset ? int64Tensor([1], [3]) : int64Tensor([2, 4], [0, 2, 1, 8, 5, 5, 7, 3]),
        cache(),
        cache(),
      ],
      attributes: { interleaved, ...(partial && { rotary_embedding_dim: 2 * angles, num_heads: 2 }) },
      constants: [2, 3],
    };
  });
});

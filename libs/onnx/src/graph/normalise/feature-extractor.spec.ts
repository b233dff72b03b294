import { int64Tensor } from '../tensor';
import { itIsWrittenOut } from './written-out.kit';

describe('ArrayFeatureExtractor', () => {
  itIsWrittenOut('ArrayFeatureExtractor', (numbers) => ({
    op: 'ArrayFeatureExtractor',
    domain: 'ai.onnx.ml',
    inputs: [numbers.uniform([3, 4]), int64Tensor([1, 2], [3, numbers.integer(0, 2)])],
    constants: [1],
    free: [0],
  }));
});

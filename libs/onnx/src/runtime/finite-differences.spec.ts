import { GraphBuilder } from '../graph/builder';
import type { Model } from '../graph/ir';
import { float32Tensor } from '../graph/tensor';
import { compareGradients } from './finite-differences';

function modelOf(build: (builder: GraphBuilder) => string): Model {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', ['N', 2]);
  builder.output(build(builder), 'float32');
  const graph = builder.build('graph');
  return { irVersion: 10, opsets: new Map([['', 21]]), producer: '', metadata: new Map(), functions: [], graph };
}

const x = float32Tensor([2, 2], [0.3, -0.4, 1.1, 0.7]);
const weights = [0, 1, 2, 3].map((i) => Math.cos(1 + i * 1.7) + 0.3);

describe('compareGradients', () => {
  it('measures slopes to about five digits', async () => {
    const [comparison] = await compareGradients(
      modelOf((b) => b.node('Exp', ['x'])),
      { x },
    );
    comparison!.measured.forEach((slope, i) => {
      const exact = weights[i]! * Math.exp((x.data as Float32Array)[i]!);
      expect(Math.abs(slope / exact - 1)).toBeLessThan(2e-5);
    });
    expect(comparison!.error).toBeLessThan(2e-5);
  });

  it('shows where a function has another slope than the operators that make it up', async () => {
    // Rounding passes no gradient, but moves in steps: measured across one, the slope is far from 0.
    const model = modelOf((b) => b.node('Add', ['x', b.node('Round', ['x'])]));
    const [comparison] = await compareGradients(model, { x: float32Tensor([1, 2], [0.49, 0.1]) });
    comparison!.derived.forEach((slope, i) => expect(slope).toBeCloseTo(weights[i]!, 5));
    expect(comparison!.measured[1]).toBeCloseTo(weights[1]!, 4);
    expect(comparison!.error).toBeGreaterThan(1);
  });

  it('compares as many elements as it is told, spread evenly', async () => {
    const [comparison] = await compareGradients(
      modelOf((b) => b.node('Exp', ['x'])),
      { x },
      { elements: 2 },
    );
    expect(comparison!.places).toEqual([0, 2]);
  });

  it('leaves out elements that cannot be moved, and outputs that are not finite', async () => {
    const feeds = { x: float32Tensor([2, 2], [0.5, -Infinity, 2, 1]) };
    const [comparison] = await compareGradients(
      modelOf((b) => b.node('Mul', ['x', 'x'])),
      feeds,
    );
    expect(comparison!.places).toEqual([0, 2, 3]);
    expect(comparison!.error).toBeLessThan(1e-4);
  });
});

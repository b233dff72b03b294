import { argmax, Rng } from '@rampart/core';

import { Perceptron } from './perceptron';

/** Points of a square; the class says whether their coordinates have the same sign. */
function corners(count: number): { inputs: Float32Array; labels: Int32Array } {
  const rng = Rng.root('corners');
  const inputs = Float32Array.from({ length: 2 * count }, () => 2 * rng.uniform() - 1);
  const labels = Int32Array.from({ length: count }, (_, i) => (inputs[2 * i]! > 0 === inputs[2 * i + 1]! > 0 ? 1 : 0));
  return { inputs, labels };
}

const options = { epochs: 60, batch: 16, learningRate: 0.01 };

describe('Perceptron', () => {
  it('learns what no linear model can', () => {
    const { inputs, labels } = corners(400);
    const net = new Perceptron(2, 16, 2, Rng.root('weights'));
    net.train(inputs, labels, { ...options, rng: Rng.root('shuffle') });
    const logits = new Float32Array(2);
    const right = labels.filter((label, i) => {
      net.logits(inputs, 2 * i, logits);
      return argmax(logits, 0, 2) === label;
    });
    expect(right.length).toBeGreaterThan(380);
  });

  it('differentiates its cross-entropy', () => {
    const rng = Rng.root('gradient');
    const net = new Perceptron(5, 7, 3, rng);
    const input = Float32Array.from({ length: 5 }, () => rng.normal());
    const gradient = new Float32Array(5);
    const nowhere = new Float32Array(5);
    net.inputGradient(input, 0, 2, gradient);
    for (let k = 0; k < 5; k++) {
      const at = (step: number) => {
        const moved = input.slice();
        moved[k] = moved[k]! + step;
        return net.inputGradient(moved, 0, 2, nowhere);
      };
      expect((at(1e-2) - at(-1e-2)) / 2e-2).toBeCloseTo(gradient[k]!, 2);
    }
  });

  it('keeps a slope where its probabilities are saturated', () => {
    const net = new Perceptron(1, 4, 2, Rng.root('saturated'));
    net.train(Float32Array.of(-1, 1), Int32Array.of(0, 1), { ...options, epochs: 2000, rng: Rng.root('x') });
    const gradient = new Float32Array(1);
    net.inputGradient(Float32Array.of(3), 0, 1, gradient);
    expect(gradient[0]).toBeLessThan(0);
  });

  it('is the same for the same generators', () => {
    const { inputs, labels } = corners(50);
    const losses = [1, 2].map(() =>
      new Perceptron(2, 8, 2, Rng.root('w')).train(inputs, labels, { ...options, epochs: 3, rng: Rng.root('s') }),
    );
    expect(losses[0]).toBe(losses[1]);
  });
});

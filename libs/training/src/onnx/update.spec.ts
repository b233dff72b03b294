import { Rng } from '@rampart/core';

import { adam, type Optimiser, sgd } from '../optimiser';
import { updateRule } from './update';

const SIZE = 7;

/** The formulas of `Optimiser` in double precision. */
function* formula(optimiser: Optimiser, weights: number[], rates: readonly number[]) {
  const first = weights.map(() => 0);
  const second = weights.map(() => 0);
  for (let step = 1; ; step++) {
    const gradient: number[] = yield weights;
    const rate = rates[step - 1]!;
    for (let k = 0; k < weights.length; k++) {
      const g = gradient[k]!;
      if (optimiser.name === 'sgd') {
        first[k] = optimiser.momentum * first[k]! + g;
        weights[k]! -= optimiser.learningRate * rate * first[k]!;
      } else {
        const { beta1, beta2, epsilon, learningRate } = optimiser;
        first[k] = beta1 * first[k]! + (1 - beta1) * g;
        second[k] = beta2 * second[k]! + (1 - beta2) * g * g;
        const [m, v] = [first[k]! / (1 - beta1 ** step), second[k]! / (1 - beta2 ** step)];
        weights[k]! -= (learningRate * rate * m) / (Math.sqrt(v) + epsilon);
      }
    }
  }
}

const OPTIMISERS = [adam(), adam(0.1, 0.5, 0.9, 0.01), sgd(), sgd(0.3, 0)];

/** Weights after six steps, each done in parts of so many weights. */
function* follow(optimiser: Optimiser, initial: readonly number[], rates: readonly number[], part: number) {
  const rule = updateRule(optimiser);
  const weights = Float32Array.from(initial);
  const slots = Array.from({ length: rule.slots }, () => new Float32Array(SIZE));
  for (const [index, rate] of rates.entries()) {
    const gradient: number[] = yield weights;
    const factors = rule.factorsAt(index + 1, rate);
    for (let first = 0; first < SIZE; first += part) {
      rule.update(weights, slots, first, Float64Array.from(gradient.slice(first, first + part)), factors);
    }
  }
  return weights;
}

describe.each(OPTIMISERS)('$name, %o', (optimiser) => {
  const rng = Rng.root('update');
  const draw = () => Array.from({ length: SIZE }, () => Math.fround(rng.normal()));
  const initial = draw();
  const rates = [1, 1, 0.5, 0, 0.25, 1];
  const gradients = rates.map((_, index) => (index === 2 ? draw().map(() => 0) : draw()));

  it('follows its formula', () => {
    const expected = formula(optimiser, [...initial], rates);
    const received = follow(optimiser, initial, rates, SIZE);
    expected.next();
    received.next();
    for (const gradient of gradients) {
      const weights = expected.next(gradient).value!;
      const found = received.next(gradient).value!;
      weights.forEach((value, k) => expect(found[k]).toBeCloseTo(value, 5));
    }
  });

  it('gives the same bytes in whatever parts it is done', () => {
    const [whole, parts] = [SIZE, 3].map((part) => {
      const steps = follow(optimiser, initial, rates, part);
      steps.next();
      return gradients.map((gradient) => Buffer.from(Float32Array.from(steps.next(gradient).value!).buffer));
    });
    expect(parts).toEqual(whole);
  });
});

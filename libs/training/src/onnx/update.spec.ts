import { Rng } from '@rampart/core';
import { float32Tensor, GraphBuilder, Session, type Tensor } from '@rampart/onnx';

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

async function openUpdate(optimiser: Optimiser) {
  const rule = updateRule(optimiser);
  const builder = new GraphBuilder();
  const input = (name: string, dims: number[]) => builder.input(name, 'float32', dims);
  const [weight, gradient] = [input('weight', [SIZE]), input('gradient', [SIZE])];
  const slots = rule.slots.map((slot) => input(slot, [SIZE]));
  const factors = rule.factors.map((factor) => input(factor, []));
  const next = rule.append(builder, weight, gradient, slots, factors);
  for (const name of [next.weight, ...next.slots]) builder.output(name, 'float32', [SIZE]);
  const session = await Session.open({
    irVersion: 10,
    opsets: new Map([['', 21]]),
    producer: 'test',
    metadata: new Map(),
    graph: builder.build('update'),
    functions: [],
  });
  return { rule, next, session };
}

it.each([adam(), adam(0.1, 0.5, 0.9, 0.01), sgd(), sgd(0.3, 0)])('$name follows its formula: %o', async (optimiser) => {
  const rng = Rng.root('update');
  const draw = () => Array.from({ length: SIZE }, () => Math.fround(rng.normal()));
  const initial = draw();
  const rates = [1, 1, 0.5, 0, 0.25, 1];
  const expected = formula(optimiser, [...initial], rates);
  expected.next();

  const { rule, next, session } = await openUpdate(optimiser);
  const zeros = () => float32Tensor([SIZE], new Float32Array(SIZE));
  const state: Record<string, Tensor> = { weight: float32Tensor([SIZE], initial) };
  for (const slot of rule.slots) state[slot] = zeros();
  for (const [index, rate] of rates.entries()) {
    const gradient = index === 2 ? draw().map(() => 0) : draw();
    const factors = rule.factorsAt(index + 1, rate);
    const feeds: Record<string, Tensor> = { ...state, gradient: float32Tensor([SIZE], gradient) };
    rule.factors.forEach((name, i) => (feeds[name] = float32Tensor([], [factors[i]!])));
    const results = await session.run(feeds);
    state['weight'] = results[next.weight]!;
    rule.slots.forEach((slot, i) => (state[slot] = results[next.slots[i]!]!));

    const weights = expected.next(gradient).value!;
    const received = state['weight'].data as Float32Array;
    weights.forEach((value, k) => expect(received[k]).toBeCloseTo(value, 5));
  }
  await session.dispose();
});

import { int32Tensor } from '../../graph/tensor';
import { itHasGradients, type Numbers, type RuleCase } from '../check-rule.kit';

function recurrent(op: 'LSTM' | 'GRU' | 'RNN', numbers: Numbers): RuleCase {
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
  const direction = numbers.pick(['forward', 'reverse', 'bidirectional']);
  const directions = direction === 'bidirectional' ? 2 : 1;
  const [time, batch, size, hidden] = [numbers.integer(1, 3), numbers.integer(1, 2), 2, numbers.integer(1, 2)];
  const maybe = (dims: number[]) => (numbers.next() < 0.5 ? numbers.uniform(dims) : undefined);
  const state = () => maybe([directions, batch, hidden]);
  const lengths = numbers.next() < 0.4 ? Array.from({ length: batch }, () => numbers.integer(1, time)) : undefined;
  return {
    op,
    inputs: [
      numbers.uniform([time, batch, size]),
      numbers.uniform([directions, gates * hidden, size]),
      numbers.uniform([directions, gates * hidden, hidden]),
      maybe([directions, 2 * gates * hidden]),
      lengths && int32Tensor([batch], lengths),
      state(),
      op === 'LSTM' ? state() : undefined,
      op === 'LSTM' ? maybe([directions, 3 * hidden]) : undefined,
    ],
    attributes: {
      hidden_size: hidden,
      direction,
      linear_before_reset: op === 'GRU' ? numbers.integer(0, 1) : undefined,
    },
    outputs: op === 'LSTM' ? 3 : 2,
    elements: 10,
  };
}

/** Without what frameworks do not export: these go through Scan. */
function exported(op: 'LSTM' | 'GRU' | 'RNN', numbers: Numbers): RuleCase {
  const { inputs, attributes, ...rest } = recurrent(op, numbers);
  const kept = inputs.map((input, i) => (i === 4 || i === 7 ? undefined : input));
  return { ...rest, inputs: kept, attributes: { ...attributes, linear_before_reset: op === 'GRU' ? 1 : undefined } };
}

describe('recurrent layers', () => {
  for (const op of ['LSTM', 'GRU', 'RNN'] as const) {
    itHasGradients(
      `${op} in both directions, with lengths, states and peepholes`,
      (numbers) => recurrent(op, numbers),
      { runs: 25, within: 2e-3 },
    );
    itHasGradients(`${op} as frameworks export it`, (numbers) => exported(op, numbers), { runs: 25, within: 2e-3 });
  }
});

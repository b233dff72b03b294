import { float } from '../../graph/attribute';
import { boolTensor } from '../../graph/tensor';
import { itHasGradients } from '../check-rule.kit';

describe('Attention', () => {
  itHasGradients(
    'with shared heads, masks, caps and past keys',
    (numbers) => {
      const [batch, queries, keys, size] = [numbers.integer(1, 2), numbers.integer(1, 3), numbers.integer(1, 3), 2];
      const keyHeads = numbers.integer(1, 2);
      const queryHeads = keyHeads * numbers.integer(1, 2);
      const joined = numbers.next() < 0.5;
      const past = !joined && numbers.next() < 0.4 ? 2 : 0;
      const heads = (count: number, length: number) =>
        numbers.uniform(joined ? [batch, length, count * size] : [batch, count, length, size]);
      const mask = numbers.pick(['none', 'float', 'bool']);
      const maskDims = [queries, past + keys];
      const allowed = Array.from(
        { length: queries * (past + keys) },
        (_, i) => i % (past + keys) === 0 || numbers.next() < 0.6,
      );
      return {
        op: 'Attention',
        opset: 23,
        inputs: [
          heads(queryHeads, queries),
          heads(keyHeads, keys),
          heads(keyHeads, keys),
          mask === 'float' ? numbers.uniform(maskDims) : mask === 'bool' ? boolTensor(maskDims, allowed) : undefined,
          past ? numbers.uniform([batch, keyHeads, past, size]) : undefined,
          past ? numbers.uniform([batch, keyHeads, past, size]) : undefined,
        ],
        attributes: {
          q_num_heads: joined ? queryHeads : undefined,
          kv_num_heads: joined ? keyHeads : undefined,
          is_causal: numbers.integer(0, 1),
          softcap: numbers.next() < 0.3 ? float(1.5) : undefined,
          scale: numbers.next() < 0.3 ? float(0.6) : undefined,
        },
        outputs: past ? 3 : 1,
        constants: mask === 'bool' ? [3] : [],
        elements: 10,
      };
    },
    { runs: 30, within: 2e-3 },
  );
});

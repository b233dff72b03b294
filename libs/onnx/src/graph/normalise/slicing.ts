import { intOf, intsOf } from '../attribute';
import { int64Vector, scalar } from '../tensor';
import { type Upgrades, without } from './upgrade';

/** Slices, splits and selections whose parameters became inputs. */
export const slicingUpgrades: Upgrades = {
  Slice: {
    below: 10,
    rewrite(node, { builder }) {
      const starts = intsOf(node, 'starts') ?? [];
      const ends = intsOf(node, 'ends') ?? [];
      const axes = intsOf(node, 'axes') ?? starts.map((_, i) => i);
      const inputs = [starts, ends, axes].map((values) => builder.constant(int64Vector(values), 'slice'));
      builder.append({ ...node, inputs: [node.inputs[0]!, ...inputs], attributes: {} });
    },
  },
  Split: {
    below: 18,
    rewrite(node, { builder, opset }) {
      const sizes = opset < 13 ? intsOf(node, 'split') : undefined;
      if (sizes) {
        const inputs = [node.inputs[0]!, builder.constant(int64Vector(sizes), 'split')];
        builder.append({ ...node, inputs, attributes: without(node, 'split') });
      } else if (node.inputs[1]) {
        builder.append(node);
      } else {
        const count = { type: 'int', value: node.outputs.length } as const;
        builder.append({ ...node, attributes: { ...node.attributes, num_outputs: count } });
      }
    },
  },
  TopK: {
    below: 10,
    rewrite(node, { builder }) {
      const k = builder.constant(int64Vector([intOf(node, 'k', 1)]), 'k');
      builder.append({ ...node, inputs: [node.inputs[0]!, k], attributes: without(node, 'k') });
    },
  },
  Scatter: {
    below: 11,
    rewrite(node, { builder }) {
      builder.append({ ...node, op: 'ScatterElements' });
    },
  },
  Dropout: {
    below: 12,
    rewrite(node, { builder }) {
      const [output = '', mask = ''] = node.outputs;
      if (mask) builder.node('Dropout', [node.inputs[0]!], {}, { outputs: [output, mask] });
      else builder.append({ ...node, op: 'Identity', outputs: [output], attributes: {} });
    },
  },
  Range: {
    // ONNX Runtime runs it on vectors of one element, but refuses the graph where it can tell that they are vectors.
    below: Infinity,
    rewrite(node, { builder, constant, rank }) {
      const inputs = node.inputs.map((name) =>
        constant(name)?.dims.length === 0 || rank(name) === 0 ? name : builder.node('Squeeze', [name]),
      );
      builder.append({ ...node, inputs });
    },
  },
  DFT: {
    below: 20,
    rewrite(node, { builder }) {
      const axis = builder.constant(scalar(intOf(node, 'axis', 1), 'int64'), 'axis');
      const inputs = [node.inputs[0]!, node.inputs[1] ?? '', axis];
      builder.append({ ...node, inputs, attributes: without(node, 'axis') });
    },
  },
};

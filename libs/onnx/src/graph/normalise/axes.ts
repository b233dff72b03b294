import { intsOf } from '../attribute';
import { int64Vector } from '../tensor';
import { type Upgrade, type Upgrades, without } from './upgrade';

/** Axes became an input: of Squeeze, Unsqueeze and ReduceSum in operator set 13, of the other reductions in 18. */
function axesToInput(below: number): Upgrade {
  return {
    below,
    rewrite(node, { builder }) {
      const axes = intsOf(node, 'axes');
      const inputs = axes ? [node.inputs[0]!, builder.constant(int64Vector(axes), 'axes')] : node.inputs;
      builder.append({ ...node, inputs, attributes: without(node, 'axes') });
    },
  };
}

export const axesUpgrades: Upgrades = {
  Squeeze: axesToInput(13),
  Unsqueeze: axesToInput(13),
  ReduceSum: axesToInput(13),
  ReduceMean: axesToInput(18),
  ReduceMax: axesToInput(18),
  ReduceMin: axesToInput(18),
  ReduceProd: axesToInput(18),
  ReduceL1: axesToInput(18),
  ReduceL2: axesToInput(18),
  ReduceLogSum: axesToInput(18),
  ReduceLogSumExp: axesToInput(18),
  ReduceSumSquare: axesToInput(18),
};

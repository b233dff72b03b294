import { intOf, stringOf } from '../attribute';
import type { GraphBuilder } from '../builder';
import type { Node } from '../ir';
import { int64Vector, scalar } from '../tensor';
import { always, type Upgrades } from './upgrade';

/** -weight x log-probability of the target class, where the target is not the one to ignore. */
function likelihood(node: Node, logProbabilities: string, builder: GraphBuilder): void {
  const [, target = '', weight = ''] = node.inputs;
  const one = builder.constant(int64Vector([1]), 'axis');
  const like = (value: number, other: string) => builder.node('CastLike', [builder.constant(scalar(value)), other]);
  const ignored = intOf(node, 'ignore_index');
  const isIgnored = ignored === undefined ? '' : builder.node('Equal', [target, like(ignored, target)]);
  const classes = isIgnored ? builder.node('Where', [isIgnored, like(0, target), target]) : target;
  const column = builder.node('Unsqueeze', [classes, one]);
  const picked = builder.node('GatherElements', [logProbabilities, column], { axis: 1 });
  const losses = builder.node('Neg', [builder.node('Squeeze', [picked, one])]);
  let weights = weight && builder.node('Gather', [weight, classes]);
  if (isIgnored) {
    const kept = weights || like(1, logProbabilities);
    weights = builder.node('Where', [isIgnored, like(0, logProbabilities), kept]);
  }
  const weighted = weights ? builder.node('Mul', [losses, weights]) : losses;
  const outputs = [node.outputs[0]!];
  switch (stringOf(node, 'reduction', 'mean')) {
    case 'none':
      builder.node('Identity', [weighted], {}, { outputs });
      break;
    case 'sum':
      builder.node('ReduceSum', [weighted], { keepdims: 0 }, { outputs });
      break;
    default:
      if (!weights) {
        builder.node('ReduceMean', [weighted], { keepdims: 0 }, { outputs });
        break;
      }
      builder.node(
        'Div',
        [weighted, weights].map((value) => builder.node('ReduceSum', [value], { keepdims: 0 })),
        {},
        { outputs },
      );
  }
}

/** Losses that a training graph ends in, written out. */
export const lossUpgrades: Upgrades = {
  NegativeLogLikelihoodLoss: always((node, { builder }) => likelihood(node, node.inputs[0]!, builder)),
  SoftmaxCrossEntropyLoss: always((node, { builder }) => {
    const name = node.outputs[1] || builder.reserve('log_probabilities');
    builder.node('LogSoftmax', [node.inputs[0]!], { axis: 1 }, { outputs: [name] });
    likelihood(node, name, builder);
  }),
};

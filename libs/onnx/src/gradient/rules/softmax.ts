import { intOf } from '../../graph/attribute';
import type { GradientRule, RuleContext } from '../rule';

const axisOf = (c: RuleContext) => c.axis(intOf(c.node, 'axis', -1), c.dims(c.output()).length);

/** y (g - sum(g y)). */
const softmax: GradientRule = (c) => {
  const { emit, gradient } = c;
  const weighted = emit.mul(gradient, c.output());
  return [emit.sub(weighted, emit.mul(c.output(), emit.sum(weighted, [axisOf(c)])))];
};

/** g - exp(y) sum(g). */
const logSoftmax: GradientRule = (c) => {
  const { emit, gradient } = c;
  return [emit.sub(gradient, emit.mul(emit.op('Exp', [c.output()]), emit.sum(gradient, [axisOf(c)])))];
};

export const softmaxRules: Readonly<Record<string, GradientRule>> = { Softmax: softmax, LogSoftmax: logSoftmax };

import type { AttackLoss } from '@rampart/core';
import {
  differentiate,
  inPhases,
  type Model,
  probe,
  type ProbeOptions,
  type ValueTypes,
  withOutputs,
} from '@rampart/onnx';

import type { Headed } from './head';
import { appendLoss } from './loss';

export interface LossGradientOptions {
  readonly loss: AttackLoss;
  /** The input to differentiate with respect to. */
  readonly input: string;
  /** What probing told about the model. */
  readonly types: ValueTypes;
  /** The one batch size that it runs at; undefined where it runs at any. */
  readonly batch: number | undefined;
  /** Examples of its inputs. */
  readonly feeds: NonNullable<ProbeOptions['feeds']>;
}

/** Turns a classifier into the model whose outputs are the logits, each sample's loss, and the gradient of their sum. */
export async function lossGradient(
  { model, logits, classes }: Headed,
  { loss, input, types, batch, feeds }: LossGradientOptions,
): Promise<{ readonly model: Model; readonly mask: string }> {
  const withLoss = appendLoss(inPhases(model, types), logits, classes, loss, batch ?? 'batch');
  const { mask, losses, differentiated } = withLoss;
  const needed = [logits, losses, ...Object.values(differentiated.weights)];
  const lossTypes = await probe(withOutputs(withLoss.model, needed), { feeds });
  const derived = differentiate(lossTypes.model, { ...differentiated, wrt: [input], types: lossTypes });
  return { model: withOutputs(derived.model, [logits, losses, derived.gradients.get(input)!]), mask };
}

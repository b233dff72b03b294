import type { AttackLoss } from '@rampart/core';
import {
  differentiate,
  inFastForm,
  type Model,
  probe,
  type ProbeOptions,
  type ValueTypes,
  withOutputs,
} from '@rampart/onnx';

import type { Headed } from './head';
import { type InnerLayer, squaredDistance } from './inner-layer';
import { appendLoss, type WithLoss } from './loss';
import { refuseTooManyNodes } from './node-limit';
import { sampleAxis } from './sample-axis';

/** What is differentiated with respect to what. */
export interface GradientOptions {
  /** The input, or inner value, to differentiate with respect to. */
  readonly input: string;
  /** What probing told about the model. */
  readonly types: ValueTypes;
  /** The one batch size that it runs at; undefined where it runs at any. */
  readonly batch: number | undefined;
  /** Examples of its inputs. */
  readonly feeds: NonNullable<ProbeOptions['feeds']>;
  /** Whether steps pass gradients on as they are. */
  readonly straightThrough?: boolean;
  /** Whether the gradient is rounded no more than the file itself rounds, although it takes longer. */
  readonly exact?: boolean;
  /** Whether the attack aims at a class, which a model that may reject samples is differentiated otherwise for. */
  readonly aimed?: boolean | undefined;
}

/** A model with the masks that it takes. */
export type LossModel = Pick<WithLoss, 'model' | 'mask' | 'rivalMask'>;

/** Turns a classifier into the model whose outputs are the logits, each sample's loss, and the gradient of their sum. */
export async function lossGradient(
  { model, logits, classes, rejection }: Headed,
  { loss, types, batch, aimed, exact = false, ...options }: GradientOptions & { readonly loss: AttackLoss },
): Promise<LossModel> {
  // As an output an inner value that is differentiated with respect to stays a value of its own.
  const inner = !model.graph.inputs.some(({ name }) => name === options.input);
  const scores = rejection?.scores;
  const kept = inner ? withOutputs(model, [logits, options.input, ...(scores === undefined ? [] : [scores])]) : model;
  const of = { logits, classes, rejection, aimed, batch };
  const withLoss = appendLoss(inFastForm(kept, types, { exact }), loss, of);
  const { mask, rivalMask } = withLoss;
  return { model: await withGradient(withLoss, { ...options, logits, scores, of: withLoss.of }), mask, rivalMask };
}

/** The same for the squared distance of an inner layer's values from given ones, which the model takes as `guides`. */
export async function innerGradient(
  { model, logits, rejection }: Headed,
  layer: InnerLayer,
  { types, batch, exact = false, ...options }: GradientOptions,
): Promise<{ readonly model: Model; readonly guides: string }> {
  // As an output the layer's value stays a value of its own.
  const scores = rejection?.scores;
  const kept = [logits, layer.name, ...(scores === undefined ? [] : [scores])];
  const phased = inFastForm(withOutputs(model, kept), types, { exact });
  const { rows, guides, ...distance } = squaredDistance(phased, layer, sampleAxis(phased, batch));
  return { model: await withGradient(distance, { ...options, logits, scores, of: rows }), guides };
}

interface Appended {
  readonly model: Model;
  readonly losses: string;
  /** Each loss differentiated with respect to the value `of`. */
  readonly slopes: string;
}

async function withGradient(
  { model, losses, slopes }: Appended,
  {
    logits,
    scores,
    of,
    input,
    feeds,
    straightThrough = false,
  }: Pick<GradientOptions, 'input' | 'feeds' | 'straightThrough'> & {
    readonly logits: string;
    readonly scores: string | undefined;
    readonly of: string;
  },
): Promise<Model> {
  const inner = model.graph.inputs.some(({ name }) => name === input) ? [] : [input];
  const decided = scores === undefined ? [] : [scores];
  const types = await probe(withOutputs(model, [logits, losses, slopes, ...decided, ...inner]), { feeds });
  const derived = differentiate(types.model, { of, weights: { [of]: slopes }, wrt: [input], types, straightThrough });
  refuseTooManyNodes(derived.model);
  return withOutputs(derived.model, [logits, losses, derived.gradients.get(input)!, ...decided]);
}

import type { InnerAttack, ObjectiveTerm } from '@rampart/training';

import type { TrainingSettings } from './settings';
import { type Start, startAt } from './start';
import { ADVERSARIAL, IMAGES, LABELS, LOGITS, type TrainingPlan } from './training-plan';

/** The cross-entropy of a view's logits with the labels. */
export function crossEntropyOf(input: string, weight = 1): ObjectiveTerm {
  return { loss: 'cross-entropy', input, output: LOGITS, target: LABELS, weight };
}

/** The divergence of the answers to the adversarial view from those to the original one, gradients through both. */
export function divergence(weight: number): ObjectiveTerm {
  return { loss: 'kl', input: ADVERSARIAL, output: LOGITS, target: { answerTo: IMAGES }, weight };
}

type Inner = NonNullable<TrainingPlan['inner']>;

/** Parameters of projected descent. */
export interface DescentParams {
  readonly norm: 'linf' | 'l2';
  readonly epsilon: number;
  readonly steps: number;
  /** Length of a step. */
  readonly step: number;
}

/** Projected descent on the cross-entropy with the labels, from a random point of the ball. */
export function descentOn(
  { norm, epsilon, steps, step }: DescentParams,
  against: InnerAttack['against'] = { view: LABELS },
  start: InnerAttack['start'] = 'uniform',
): Inner {
  return { against, norm, epsilon, steps, length: step, start };
}

/** What held-out instances are judged by. */
export function threatOf({ norm, epsilon }: Pick<DescentParams, 'norm' | 'epsilon'>): TrainingPlan['threat'] {
  return { norm, epsilon };
}

/** Deviation of the noise that TRADES starts from: at the image itself the divergence has no slope. */
const START = 0.001;

/** The cross-entropy at the image, plus beta times the divergence around it. */
export function tradesPlan(params: AttackedParams & { readonly beta: number }): TrainingPlan {
  return {
    terms: [crossEntropyOf(IMAGES), divergence(params.beta)],
    inner: attackOf(params, 'own', { deviation: START }),
    attack: params.attack,
    threat: threatOf(params),
  };
}

/** What plans of projected descent need: its parameters, where it starts, and the attack that takes its place. */
export type AttackedParams = Omit<DescentParams, 'step'> &
  Pick<TrainingSettings, 'flips' | 'crops'> & {
    readonly step?: number | undefined;
    readonly start: Start;
    readonly attack?: TrainingPlan['attack'];
  };

/** Projected descent from a random point of the ball, or of its own kind, or from the example of the epoch before. */
function attackOf(
  params: AttackedParams,
  against: InnerAttack['against'] = { view: LABELS },
  random: InnerAttack['start'] = 'uniform',
): Inner {
  const { epsilon, steps, start } = params;
  const { step = ((start === 'previous' ? 1 : 2.5) * epsilon) / steps } = params;
  return descentOn({ ...params, step }, against, startAt(random, params));
}

/** The cross-entropy at the worst point that descent finds. */
export function pgdPlan(params: AttackedParams): TrainingPlan {
  const { attack } = params;
  return { terms: [crossEntropyOf(ADVERSARIAL)], inner: attackOf(params), attack, threat: threatOf(params) };
}

/** The boosted cross-entropy, plus lambda times the divergence weighted by doubt. */
export function martPlan(params: AttackedParams & { readonly lambda: number }): TrainingPlan {
  return {
    terms: [
      { loss: 'boosted-cross-entropy', input: ADVERSARIAL, output: LOGITS, target: LABELS },
      { ...divergence(params.lambda), doubt: { answerTo: IMAGES, labels: LABELS } },
    ],
    inner: attackOf(params),
    attack: params.attack,
    threat: threatOf(params),
  };
}

/** One step of epsilon from the image along the steepest direction: its linear approximation's worst point. */
export function stepFrom(
  { norm, epsilon }: Pick<DescentParams, 'norm' | 'epsilon'>,
  against: InnerAttack['against'],
): Inner {
  return { against, norm, epsilon, steps: 1, length: epsilon, start: 'original' };
}

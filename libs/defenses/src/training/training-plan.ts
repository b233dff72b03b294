import type { ComponentSpec, DefenseProblem, LabelledImages, Rng } from '@rampart/core';
import { type Batch, type InnerAttack, type ObjectiveTerm, oneHot, type Views } from '@rampart/training';

import { weightsOfClasses } from './class-weights';
import type { TrainingSettings } from './settings';

/** What defenses by training differ in. */
export interface TrainingPlan {
  readonly terms: readonly ObjectiveTerm[];
  /** How the view `adversarial` is made of `images`; none where the objective has no such view. */
  readonly inner?: Omit<InnerAttack, 'from' | 'to' | 'output' | 'box' | 'feasible' | 'reach'> | undefined;
  /** Makes the view `adversarial` in the inner attack's place. */
  readonly attack?: ComponentSpec | undefined;
  /** What robust accuracy on held-out instances is measured by. */
  readonly threat: { readonly norm: 'linf' | 'l2'; readonly epsilon: number };
  /** Steps on every batch. */
  readonly replays?: number;
  /** Further views of the training data. */
  readonly views?: (count: number) => Views;
  /** Writes to the views of a batch, after the augmentation. */
  readonly onBatch?: (batch: Batch, rng: Rng) => void;
  /** Whether instances without a label, which have -1 for one, are taken. */
  readonly unlabelled?: boolean;
  /** Instances of the training data that count as labelled, the first ones. */
  readonly labelled?: number | undefined;
  /**
   * Whether it may learn to mask gradients, as what learns from single steps does: then epochs are judged by
   * stronger attacks as well, one of which needs no gradients.
   */
  readonly mayMask?: boolean;
  /** A fall of the robust accuracy below the best by this much ends the training. */
  readonly collapse?: number;
}

/** The views that every plan has. */
export const IMAGES = 'images';
export const ADVERSARIAL = 'adversarial';
export const LABELS = 'labels';
export const LOGITS = 'logits';
/** A number a row that epsilon is multiplied by. */
export const REACH = 'reach';

/** The views of the training data that a plan names. */
export function viewsOf(
  { images, labels }: LabelledImages,
  settings: TrainingSettings,
  plan: TrainingPlan,
  { classes, malicious }: Pick<DefenseProblem, 'classes' | 'malicious'>,
): Views {
  const { channels, height, width } = images.shape;
  const rows = { data: images.data, shape: [channels, height, width] };
  return {
    [IMAGES]: rows,
    [LABELS]: { data: labelRows(labels, classes, settings, plan), shape: [classes] },
    [REACH]: { data: reachOf(labels, malicious), shape: [1] },
    ...(plan.attack && { [ADVERSARIAL]: rows }),
    ...plan.views?.(images.count),
  };
}

/** The training data, labels that are not to be used left out. */
export function withoutLabels(train: LabelledImages, { labelled = Infinity }: TrainingPlan): LabelledImages {
  return { ...train, labels: train.labels.map((label, i) => (i < labelled ? label : -1)) };
}

/** One-hot rows times the weight of their class; zeros for an instance without a label. */
function labelRows(
  labels: Int32Array,
  classes: number,
  { classWeights }: TrainingSettings,
  { unlabelled = false }: TrainingPlan,
): Float32Array {
  const weights = weightsOfClasses(classWeights, labels, classes);
  const rows = oneHot(unlabelled ? labels.map((label) => Math.max(label, 0)) : labels, classes);
  return rows.map((value, k) => {
    const label = labels[Math.floor(k / classes)]!;
    return label < 0 ? 0 : value * weights[label]!;
  });
}

/** 1 for the instances that an attacker modifies. */
function reachOf(labels: Int32Array, malicious: number | undefined): Float32Array {
  return Float32Array.from(labels, (label) => Number(malicious === undefined || label === malicious));
}

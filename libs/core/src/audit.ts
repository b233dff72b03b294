import type { z } from 'zod';

import type { Attack } from './attack';
import type { Classifier, DifferentiableClassifier } from './classifier';
import type { ComponentSpec } from './component';
import type { ImageShape, LabelledImages } from './image-batch';
import type { LossPoint } from './loss-trace';
import type { PixelBox } from './pixel-box';
import type { WorkOptions } from './progress';
import type { ComponentDefinition, Resolved } from './registry';
import type { Rng } from './rng';
import type { AttackStage } from './stage-account';
import type { NormName } from './threat/norm';
import type { Threat } from './threat/threat-model';

/**
 * How much a doubt matters. With an open one of `high` the figure is not established; `medium` weakens it; `low` is
 * worth knowing.
 */
export type Severity = 'high' | 'medium' | 'low';

/**
 * How a model is looked at by an attack. Its decisions stay: only the value that counts as logits and the backward half
 * of the gradient differ.
 */
export interface ModelView {
  /**
   * `inner`: the earliest inner value [images, classes] that decides as the output does; `log-probabilities`: the
   * logarithms of the outputs, divided by their sum.
   */
  readonly logits?: 'inner' | 'log-probabilities';
  /** `straight-through`: steps such as Round pass gradients on as they are (BPDA; Athalye et al. 2018, section 4.1). */
  readonly backward?: 'straight-through';
  /** Gradients are means over Gaussian noise of this standard deviation, in the units of the box. */
  readonly smoothing?: { readonly radius: number; readonly samples: number };
  /** `estimated`: from answers alone (SPSA). */
  readonly gradients?: 'estimated';
  /** Images are fed as `scale` times themselves plus `shift`. */
  readonly feed?: { readonly scale: number; readonly shift: number };
}

/** What came of one attack, as one model judges its examples. Lists and rows are over the attacked instances. */
export interface AuditedAttack {
  readonly attack: Attack;
  /** The model that the examples were made against. */
  readonly madeAgainst: string;
  /** The norm of its ball or of its distances; undefined where it has none. */
  readonly norm: NormName | undefined;
  /** The examples in some of its rows, [rows, features]: the caller's own, and read when they are asked for. */
  examples(rows: Int32Array): Promise<Float32Array>;
  /** The judging model's classes of the examples. */
  readonly predictions: Int32Array;
  /** 1 where the example evades. */
  readonly evades: Uint8Array;
  /** The distance of each example from its original in the attack's norm, l2 where it has none; whether it evades or not. */
  readonly distances: Float64Array;
  /** How the margin fell: see `Evasion.losses`. */
  readonly losses: readonly LossPoint[];
  /** What the components of an ensemble did. */
  readonly stages: readonly AttackStage[];
  /** Examples that had to be brought back into the box or the budget. */
  readonly corrected: number;
  /** Evaluations that all instances took together. */
  readonly forwardEvaluations: number;
  readonly gradientEvaluations: number;
}

/** A figure that is looked into: one model under the attacks of one run. */
export interface AuditSubject extends WorkOptions {
  /** The model's name in tables. */
  readonly label: string;
  /** Whether the figure rests on examples made against the model itself or on replayed ones. */
  readonly mode: 'static' | 'adaptive';
  /** The modes that the run has figures in. */
  readonly modes: readonly ('static' | 'adaptive')[];
  readonly shape: ImageShape;
  readonly box: PixelBox;
  /** The classes' names. */
  readonly classes: readonly string[];
  readonly test: LabelledImages;
  readonly train: LabelledImages;
  /** Where labels are sets, in place of classes: the fraction of test images that have the commonest set. */
  readonly commonestSet?: number | undefined;
  /** The model's classes of the unmodified test images. */
  readonly clean: Int32Array;
  /** The accuracy that the file itself claims; undefined where it claims none. */
  readonly claimedAccuracy: number | undefined;
  /** Indices, into the test set, of the instances that are attacked. */
  readonly attacked: Int32Array;
  /** The class that each of them is to be taken for; undefined where any wrong one will do. */
  readonly targets: Int32Array | undefined;
  /** Positions among `attacked` of those that the model gets right as they are, in ascending order. */
  readonly attackable: Int32Array;
  /** What the figure is about: the run's threats, else the balls of its attacks. */
  readonly threats: readonly Threat[];
  /** Attacks on the model itself; in mode `static` those of the model that examples are replayed from. */
  readonly attacks: readonly AuditedAttack[];
  /** Examples made against other models, judged by this one. */
  readonly transferred: readonly AuditedAttack[];
  /**
   * Operators on the way from the images to the logits whose gradient is zero by nature, such as Round, each once; and
   * whether all ways lead through one.
   */
  readonly steps: { readonly operators: readonly string[]; readonly everywhere: boolean };
  /** Whether the attacks had estimated gradients instead of true ones. */
  readonly estimated: boolean;
  readonly rng: Rng;
  /** Gradients that audits may spend without asking: a twentieth of what the attacks took, and never more than they. */
  readonly allowance: number;
  /** A fresh session that judges. @param batchSize rows of one run */
  verifier(batchSize?: number): Promise<Classifier>;
  /** The model under a view; as it is where nothing is said. Undefined where it has no such view. */
  open(view?: ModelView): Promise<DifferentiableClassifier | undefined>;
  /**
   * Runs an attack on some of the attacked instances, by their positions, with random numbers of its own: others than
   * the run's.
   * @param watch told of the images of every question that the search asks, [images, features], and the model's logits
   */
  attack(
    spec: ComponentSpec,
    positions: Int32Array,
    view?: ModelView,
    watch?: (images: Float32Array, logits: Float32Array) => void,
  ): Promise<AuditedAttack | undefined>;
  /** The pixels of some of the attacked instances, by their positions: [positions, features]. */
  images(positions: Int32Array): Float32Array;
}

/** Something that makes a figure doubtful. */
export interface Doubt {
  readonly severity: Severity;
  /** One sentence with the evidence in it. */
  readonly summary: string;
  /** The figures that it rests on, by name. */
  readonly evidence: Readonly<Record<string, number | string>>;
  /** The threat that it concerns, as `formatThreat` writes it; undefined where it concerns all. */
  readonly threat?: string;
  /** The attack that it concerns, by its label. */
  readonly attack?: string;
}

/** What is tried against a doubt; each makes the figure the worst over all. */
export const REMEDIES = [
  'another-loss',
  'inner-logits',
  'straight-through',
  'inverted-front',
  'smoothed-gradient',
  'averaging',
  'more-steps',
  'restarts',
  'targeted',
  'transfer',
  'surrogate',
  'black-box',
] as const;

export type RemedyName = (typeof REMEDIES)[number];

/** What became of a doubt once its remedies had run. */
export interface Finding extends Doubt {
  readonly audit: string;
  /** What was tried, in that order. */
  readonly remedies: readonly TriedRemedy[];
  /** Whether the remedies leave nothing of it. */
  readonly resolved: boolean;
}

export interface TriedRemedy {
  readonly remedy: RemedyName;
  /** The attack that it was; empty where it was none. */
  readonly attack: string;
  /** The threat that it was run at. */
  readonly threat: string;
  /** Instances that it was run on, and those of them that it broke. */
  readonly instances: number;
  readonly broken: number;
  readonly gradientEvaluations: number;
  readonly forwardEvaluations: number;
  /** Why it did nothing: `not applicable`, `budget spent`; undefined where it ran. */
  readonly skipped?: string;
}

export interface AuditDefinition<P extends z.ZodObject = z.ZodObject> extends ComponentDefinition {
  readonly kind: 'audit';
  readonly params: P;
  /** The figures that it looks at. */
  readonly modes: readonly ('static' | 'adaptive')[];
  /** What helps, in the order in which it is tried; with none of them a doubt stays open. */
  readonly remedies: readonly RemedyName[];
  /** Looks for what makes the figure doubtful. Draws its random numbers from `subject.rng`. */
  inspect(params: z.output<P>, subject: AuditSubject): Promise<readonly Doubt[]> | readonly Doubt[];
}

export type Audit = Resolved<AuditDefinition>;

/** Declares an audit. The name is the name of its file. */
export function defineAudit<P extends z.ZodObject>(
  definition: Omit<AuditDefinition<P>, 'kind' | 'modes'> & Partial<Pick<AuditDefinition<P>, 'modes'>>,
): AuditDefinition {
  return { kind: 'audit', modes: ['adaptive'], ...definition } as unknown as AuditDefinition;
}

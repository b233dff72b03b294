import { z } from 'zod';

import type { AttackInstance } from './attack-instance';
import type { AttackLoss } from './classifier';
import type { Descent } from './descent';
import type { ImageShape } from './image-batch';
import type { PixelBox } from './pixel-box';
import type { ComponentDefinition, Resolved } from './registry';
import type { Rng } from './rng';
import { searchDescents } from './search-descents';
import { searchEach } from './search-each';
import type { Bounds } from './threat/bounds';
import type { NormName } from './threat/norm';
import type { ThreatModel } from './threat/threat-model';

/** Value and gradient of the attacker's loss, oriented so that an attack always lowers it. */
export interface AttackerGradient {
  /** The attacker's loss of each candidate. */
  readonly losses: Float32Array;
  /** The signed margin f of each candidate: below 0 where it evades. */
  readonly margins: Float32Array;
  /** d losses / d candidates: [candidates, features]; times `sign` where it was asked for as the model has it. */
  readonly gradient: Float32Array;
  /** 1 or, where the gradient is that of a loss which the attacker raises, -1. */
  readonly sign: 1 | -1;
  /** [candidates, classes] */
  readonly logits: Float32Array;
}

/** How a gradient is asked for. */
export interface GradientOptions {
  /** One other class a candidate, for the losses that compare with one. */
  readonly rivals?: Int32Array;
  /** Whether the gradient is wanted as the model has it, for who takes its sign into account: see `sign`. */
  readonly asIs?: boolean;
  /** Whether the search keeps to the ball, so that points need not be measured unless they evade. */
  readonly inside?: boolean;
}

/** The best point that a search has asked about so far, and how good it is. */
export interface BestPoint {
  /** A view; not to be written to. The original where nothing was asked yet. */
  readonly point: Float32Array;
  /** The signed margin there; Infinity where nothing was asked yet. */
  readonly margin: number;
  /** Its distance from the original in the threat's norm. */
  readonly distance: number;
  /** Whether it evades from within the threat. */
  readonly evades: boolean;
}

/**
 * What the search of an attack is given: instances, and a model that counts what each of them costs.
 * `instances` name the instances of this problem by their index; a candidate belongs to exactly one.
 */
export interface AttackProblem {
  /** Number of instances. */
  readonly count: number;
  /** Features of one instance. */
  readonly features: number;
  readonly shape: ImageShape;
  readonly box: PixelBox;
  /** Number of classes. */
  readonly classes: number;
  /** Whether instances are to be taken for a given class, not for just any wrong one. */
  readonly targeted: boolean;
  /** What the attacker may do. */
  readonly threat: ThreatModel;
  /** Candidates that are best asked about at once. */
  readonly window: number;
  /** The unmodified instances: [count, features]. */
  readonly originals: Float32Array;
  /** Bounds of each feature of an instance: the pixel box, or what the feasible set leaves of it. */
  bounds(instance: number): Bounds;
  /**
   * The signed margin f of candidates, below 0 where the candidate evades: untargeted z_y - max z_j, targeted
   * max z_j - z_t. Costs one forward evaluation a candidate.
   */
  margins(candidates: Float32Array, instances: ArrayLike<number>): Promise<Float32Array>;
  /** The logits of candidates: [candidates, classes]. Costs one forward evaluation a candidate. */
  logits(candidates: Float32Array, instances: ArrayLike<number>): Promise<Float32Array>;
  /**
   * The attacker's loss and its gradient: `margin` is f itself; `cross-entropy` is -J for the true label, or J
   * for the target; `difference` is z_y - z_r for a rival r. Costs one gradient evaluation a candidate.
   */
  gradient(
    candidates: Float32Array,
    instances: ArrayLike<number>,
    loss: AttackLoss,
    options?: GradientOptions,
  ): Promise<AttackerGradient>;
  /** Values of an inner layer: see `DifferentiableClassifier.inner`. Costs one forward evaluation a candidate. */
  inner(candidates: Float32Array, instances: ArrayLike<number>, layer?: string): Promise<Float32Array>;
  /** The squared distance of an inner layer's values from given ones. Costs one gradient evaluation a candidate. */
  innerGradient(
    candidates: Float32Array,
    instances: ArrayLike<number>,
    guides: Float32Array,
    layer?: string,
  ): Promise<AttackerGradient>;
  /**
   * The classes other than the label that the model finds likeliest, given logits of an instance; the target alone
   * where there is one.
   */
  rivals(instance: number, logits: ArrayLike<number>, offset: number): Int32Array;
  /** The best point asked about so far. */
  best(instance: number): BestPoint;
  /** True once nothing better can come: the instance evades, and no nearer example is looked for. */
  decided(instance: number): boolean;
  /** Names what is done with an instance from here on, for the account of an ensemble. */
  stage(instance: number, name: string): void;
  /** The generator of one instance; what it draws depends on neither batch size nor order. */
  rng(instance: number): Rng;
  readonly signal: AbortSignal | undefined;
  /** Told how many instances are done with. */
  progress(done: number): void;
}

/** What a search returns. */
export interface SearchResult {
  /** One candidate an instance: [count, features]. */
  readonly candidates: Float32Array;
  /** Steps that each instance took. */
  readonly iterations: Int32Array;
}

/** Finds a candidate for every instance. */
export type AttackSearch = (problem: AttackProblem) => Promise<SearchResult>;

/**
 * What an attack looks for.
 * - `budget`: an example within epsilon; its figure is the success rate there
 * - `minimum-norm`: the nearest example; its figures are distances, and the success rate at every epsilon
 */
export type AttackFamily = 'budget' | 'minimum-norm';

/** An attack: data, and a function that makes its search. */
export interface AttackDefinition<P extends z.ZodObject = z.ZodObject> extends ComponentDefinition {
  readonly kind: 'attack';
  readonly params: P;
  /**
   * What it looks for. Undefined for one that has no norm to be asked about, or answers for what it returns by itself:
   * the base keeps the best point only of the others.
   */
  readonly family?: AttackFamily;
  /** The norms that it can be asked about; its parameter `norm` takes them, the first by default. */
  readonly norms: readonly NormName[];
  /**
   * `batch`: instances may be shared out at will; `set`: what comes of one depends on the others that are attacked with
   * it, as for one perturbation for all.
   */
  readonly scope: 'batch' | 'set';
  /** Evaluations that each answer of the model is the mean of; its parameter `samples` where nothing is said. */
  samples?(params: z.output<P>): number;
  /** Whether it needs samples that are images: two dimensions with neighbours. */
  readonly images?: boolean;
  /** Whether it asks for no more than classes (`labels`), or logits (`scores`), or differentiates the model. */
  readonly knowledge: 'gradients' | 'scores' | 'labels';
  /** What the attack may do to an instance; enforced by `evade`. */
  threat(params: z.output<P>): ThreatModel;
  create(params: z.output<P>): AttackSearch;
}

/** An attack with its parameters. */
export type Attack = Resolved<AttackDefinition>;

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

/** An attack that states its threat and searches for all instances by itself. */
export type FreeAttack<P extends z.ZodObject> = Optional<
  Omit<AttackDefinition<P>, 'kind' | 'family'>,
  'norms' | 'scope' | 'knowledge'
>;

/** Parameters that the base adds to an attack of a family. */
export interface FamilyParams {
  readonly norm: NormName;
  /** The ball's radius; Infinity for a minimum-norm attack. */
  readonly epsilon: number;
}

/**
 * An attack of a family: the base adds the parameters `norm`, `epsilon` (budget), `restarts`, `samples` and `earlyStop`
 * (budget), runs the search of each instance by itself and keeps the best point that it ever asked about.
 */
export interface FamilyAttack<P extends z.ZodObject> extends Omit<
  Optional<AttackDefinition<P>, 'scope' | 'knowledge'>,
  'kind' | 'threat' | 'create' | 'family'
> {
  readonly family: AttackFamily;
  /** Points of one instance that its search asks about at once, at the most. Default 1. */
  width?(params: z.output<P>): number;
  /**
   * The search of one instance: it asks about points and returns when it gives up. It need return nothing, stop at
   * success, nor handle restarts.
   */
  each(params: z.output<P> & FamilyParams): (instance: AttackInstance) => Promise<void>;
}

/** A family's attack that takes the same steps from every instance, and need not look at anything but gradients. */
export interface FamilyDescentAttack<P extends z.ZodObject> extends Omit<FamilyAttack<P>, 'each' | 'width'> {
  descent(params: z.output<P> & FamilyParams): Descent;
}

/** A family's attack that looks at all instances together, such as for one perturbation of all. */
export interface FamilySetAttack<P extends z.ZodObject> extends Omit<FamilyAttack<P>, 'each' | 'width'> {
  readonly scope: 'set';
  together(params: z.output<P> & FamilyParams): AttackSearch;
}

/** Declares an attack. The name is the name of its file. */
export function defineAttack<P extends z.ZodObject>(
  definition: FreeAttack<P> | FamilyAttack<P> | FamilyDescentAttack<P> | FamilySetAttack<P>,
): AttackDefinition {
  const defaults = { kind: 'attack', norms: [], scope: 'batch', knowledge: 'gradients' } as const;
  if (!('family' in definition)) return { ...defaults, ...definition } as unknown as AttackDefinition;
  // An attack may have defaults of its own for what the base adds.
  const params = z.object(familyParams(definition)).extend(definition.params.shape);
  const complete = (given: Record<string, unknown>) =>
    ({ epsilon: Infinity, ...given }) as z.output<P> & FamilyParams & EachParams;
  return {
    ...defaults,
    ...definition,
    params,
    threat: ({ norm, epsilon = Infinity }: FamilyParams) => ({ norm, epsilon }),
    create: (given: Record<string, unknown>) => {
      const all = complete(given);
      if ('together' in definition) return definition.together(all);
      const { restarts = 1, earlyStop = true } = all;
      if ('descent' in definition) return searchDescents(definition.descent(all), { restarts, earlyStop });
      return searchEach(definition.each(all), { restarts, earlyStop, width: definition.width?.(all) ?? 1 });
    },
  } as unknown as AttackDefinition;
}

interface EachParams {
  readonly restarts?: number;
  readonly earlyStop?: boolean;
}

function familyParams({ family, norms, ...rest }: Pick<FamilyAttack<z.ZodObject>, 'family' | 'norms'>) {
  const first = norms[0]!;
  const alone = 'together' in rest;
  return {
    norm: z
      .enum(norms as [NormName, ...NormName[]])
      .default(first)
      .describe('The norm that distances are measured in.'),
    ...(family === 'budget' && {
      epsilon: z
        .number('expected a number above 0, or threats in the experiment that give it one')
        .positive()
        .describe("The ball's radius, in the units of the pixel box (l0: features that may change).")
        .meta({ shown: true }),
    }),
    ...(!alone && {
      restarts: z.int().positive().default(1).describe('Runs with random numbers of their own; the best counts.'),
      samples: z
        .int()
        .positive()
        .default(1)
        .describe('Evaluations that each answer is the mean of, for models that draw random numbers (EOT).'),
    }),
    ...(family === 'budget' &&
      !alone && {
        earlyStop: z
          .boolean()
          .default(true)
          .describe('Whether an instance is done with at its first example; else its margin is lowered further.'),
      }),
  };
}

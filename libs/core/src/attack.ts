import type { z } from 'zod';

import type { AttackLoss } from './classifier';
import type { ImageShape } from './image-batch';
import type { PixelBox } from './pixel-box';
import type { ComponentDefinition, Resolved } from './registry';
import type { Rng } from './rng';
import type { ThreatModel } from './threat-model';

/** Value and gradient of the attacker's loss, oriented so that an attack always lowers it. */
export interface AttackerGradient {
  /** The attacker's loss of each candidate. */
  readonly losses: Float32Array;
  /** The signed margin f of each candidate: below 0 where it evades. */
  readonly margins: Float32Array;
  /** d losses / d candidates: [candidates, features]. */
  readonly gradient: Float32Array;
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
  /** The unmodified instances: [count, features]. */
  readonly originals: Float32Array;
  /**
   * The signed margin f of candidates, below 0 where the candidate evades: untargeted z_y - max z_j, targeted
   * max z_j - z_t. Costs one forward evaluation a candidate.
   */
  margins(candidates: Float32Array, instances: ArrayLike<number>): Promise<Float32Array>;
  /**
   * The attacker's loss and its gradient: `margin` is f itself; `cross-entropy` is -J for the true label, or J
   * for the target. Costs one gradient evaluation a candidate.
   */
  gradient(candidates: Float32Array, instances: ArrayLike<number>, loss: AttackLoss): Promise<AttackerGradient>;
  /** The generator of one instance; what it draws depends on neither batch size nor order. */
  rng(instance: number): Rng;
  readonly signal: AbortSignal | undefined;
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

/** An attack: data, and a function that makes its search. */
export interface AttackDefinition<P extends z.ZodObject = z.ZodObject> extends ComponentDefinition {
  readonly kind: 'attack';
  readonly params: P;
  /** What the attack may do to an instance; enforced by `evade`. */
  threat(params: z.output<P>): ThreatModel;
  create(params: z.output<P>): AttackSearch;
}

/** An attack with its parameters. */
export type Attack = Resolved<AttackDefinition>;

/** Declares an attack. The name is the name of its file. */
export function defineAttack<P extends z.ZodObject>(definition: Omit<AttackDefinition<P>, 'kind'>): AttackDefinition {
  return { kind: 'attack', ...definition } as unknown as AttackDefinition;
}

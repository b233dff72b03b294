import type { z } from 'zod';

import type { DeviceLog } from './device';
import type { LabelledImages } from './image-batch';
import type { WorkOptions } from './progress';
import type { ComponentDefinition, Registry, Resolved } from './registry';
import type { AttackDefinition } from './attack';
import type { Rng } from './rng';
import type { FeasibleSet } from './threat/feasible-set';

/** What a defense starts from. */
export interface DefenseProblem extends WorkOptions {
  /** The undefended model, as the bytes of an ONNX file. */
  readonly model: Uint8Array;
  readonly train: LabelledImages;
  /** Number of classes. */
  readonly classes: number;
  /** The label whose instances the attacker modifies; undefined when every class is attacked. */
  readonly malicious: number | undefined;
  /** What examples may be, as attacks on the result are held to. Default: the images' box. */
  readonly feasible?: FeasibleSet | undefined;
  /** The attacks that a defense's parameters may name. */
  readonly attacks: Registry<AttackDefinition>;
  /** The training engine to use. */
  readonly engine: string;
  /** Where gradients are computed, and who is told what was found there; the CPU where nothing is said. */
  readonly device?: DeviceLog | undefined;
  readonly rng: Rng;
}

/** One point of a training or retraining curve. */
export interface CurvePoint {
  readonly series: string;
  readonly x: number;
  readonly y: number;
}

/** The deployed defense. */
export interface DefendedModel {
  /** One ONNX file, end to end differentiable: images in, logits out. */
  readonly model: Uint8Array;
  /** How the training went. */
  readonly curves: readonly CurvePoint[];
  /** Figures worth keeping: rounds taken, evading instances found. */
  readonly facts: Readonly<Record<string, number | string>>;
}

/**
 * What stands between an attack and the gradient (Athalye et al. 2018, section 3): `shattered`, steps such as rounding,
 * through which an adaptive attack passes gradients straight (BPDA); `stochastic`, random numbers, over which it takes the
 * expectation (EOT); `rejecting`, images that the model takes for none of its classes, which an adaptive attack knows to
 * avoid and whose other losses are no function of the logits.
 */
export type Obfuscation = 'shattered' | 'stochastic' | 'rejecting';

export interface DefenseDefinition<P extends z.ZodObject = z.ZodObject> extends ComponentDefinition {
  readonly kind: 'defense';
  readonly params: P;
  /** Whether the model's own weights stay as they are: it need not have any that can be trained. */
  readonly keepsWeights?: boolean;
  /**
   * Whether whatever it makes of samples keeps to the problem's feasible set, so that it also trains models whose samples
   * bring along what no attack changes.
   */
  readonly feasible?: boolean;
  /** False where what it makes cannot be written back into the form of the file that it was made from. Default true. */
  readonly restorable?: boolean;
  /** What it hides gradients by, with these parameters: a run attacks such models around it, and naively beside that. */
  obfuscates?(params: z.output<P>): readonly Obfuscation[];
  /**
   * Looks at a model before anything runs.
   * @param model an ONNX file with the output `logits`
   * @throws RampartError `bad-model` or `usage` where the defense cannot be built around it
   */
  check?(model: Uint8Array): void;
  harden(params: z.output<P>, problem: DefenseProblem): Promise<DefendedModel>;
}

export type Defense = Resolved<DefenseDefinition>;

/** Declares a defense. */
export function defineDefense<P extends z.ZodObject>(
  definition: Omit<DefenseDefinition<P>, 'kind'>,
): DefenseDefinition {
  return { kind: 'defense', ...definition } as unknown as DefenseDefinition;
}

import type { ComponentSpec, Device, NormName, Threat } from '@rampart/core';

import type { CertifyParams, TrainingParams } from './experiment';
import type { FeasibleParams } from './feasible';
import type { OnnxFileParams } from './model-file';
import type { TargetChoice } from './targets';

interface StepBase {
  /** Hash of all that determines the step's result. */
  readonly key: string;
  /** For people: `attack cg on lenet5, 1 of 2`. */
  readonly label: string;
  /** Keys of the steps whose results this one needs. */
  readonly needs: readonly string[];
  /** Versions of the components that do it, by name. */
  readonly versions: Versions;
}

/** A step of a round of the repeated game. */
interface InGame {
  /** The same step of the round before: its result stands where the game had come to an end. */
  readonly previous?: string;
}

/** Code versions of components by name. */
export type Versions = Readonly<Record<string, number | string>>;

/** A step that computes gradients. */
interface OnDevice {
  /** Where it computes them; undefined for the CPU. */
  readonly device: Exclude<Device, 'cpu'> | undefined;
}

/** Trains an architecture on the training images. */
export interface TrainStep extends StepBase, OnDevice {
  readonly kind: 'train';
  readonly architecture: ComponentSpec;
  readonly training: TrainingParams;
  readonly engine: string;
}

/** Takes an ONNX file into the store, as a model of the dataset's images. */
export interface ImportStep extends StepBase {
  readonly kind: 'import';
  readonly params: OnnxFileParams;
  /** SHA-256 of what it is taken as. */
  readonly checksum: string;
  /** Whether its weights are to be trained. */
  readonly trained?: true;
}

/** Puts several models together to one. */
export interface EnsembleStep extends StepBase {
  readonly kind: 'ensemble';
  readonly members: readonly string[];
  readonly answer: 'mean' | 'vote';
}

/** Builds a defense around a model. */
export interface HardenStep extends StepBase, OnDevice {
  readonly kind: 'harden';
  readonly defense: ComponentSpec;
  readonly model: string;
  readonly engine: string;
  readonly feasible: FeasibleParams | undefined;
  /** Evaluations of the two rounds before, in the same order: where nothing changed between them the game is over. */
  readonly game?: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/** Attacks a model on a part of the malicious test instances. */
export interface AttackStep extends StepBase, InGame, OnDevice {
  readonly kind: 'attack';
  readonly attack: ComponentSpec;
  readonly model: string;
  /** Positions among the attacked test instances: from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
  readonly seed: number;
  /** The class that the instances are to be taken for. */
  readonly target: TargetChoice | undefined;
  readonly feasible: FeasibleParams | undefined;
  /** Whether gradients are taken as they are although the model notes otherwise. */
  readonly naive?: true;
}

/** Lets a model judge the test set, with the examples of attack steps in the place of the originals. */
export interface EvaluateStep extends StepBase {
  readonly kind: 'evaluate';
  readonly model: string;
  /** Attack steps, in the order of their instances; none for the clean test set. */
  readonly examples: readonly string[];
  readonly metrics: readonly ComponentSpec[];
  /** The class that the examples aim at. */
  readonly target: TargetChoice | undefined;
}

/** Counts an instance as misclassified where any of several evaluations of one model misclassifies it. */
export interface WorstCaseStep extends StepBase {
  readonly kind: 'worst-case';
  readonly evaluations: readonly string[];
  readonly metrics: readonly ComponentSpec[];
  readonly target: TargetChoice | undefined;
}

/** Puts together how a model withstands threats, and its curves over epsilon. */
export interface RobustnessStep extends StepBase {
  readonly kind: 'robustness';
  /** The evaluation of the clean test set. */
  readonly clean: string;
  readonly attacks: readonly RobustnessAttack[];
  /** What the figure would be if attacks had taken the model's gradients as they are; none where they may. */
  readonly naive: readonly RobustnessAttack[];
  /** Whether the examples were made against this model: what components of an ensemble did to another says nothing. */
  readonly own: boolean;
  readonly threats: readonly Threat[];
  readonly target: TargetChoice | undefined;
  /** The audit whose remedies count as attacks; undefined where none is made. */
  readonly audit: string | undefined;
}

/** Looks for what makes the figures of one model doubtful, and tries what helps against it. */
export interface AuditStep extends StepBase, InGame {
  readonly kind: 'audit';
  readonly audits: readonly ComponentSpec[];
  /** Evaluations an attackable instance that remedies may take at one threat. */
  readonly budget: number;
  /** The model's name in tables. */
  readonly subject: string;
  readonly model: string;
  readonly mode: 'static' | 'adaptive';
  /** The modes that the run has figures in. */
  readonly modes: readonly ('static' | 'adaptive')[];
  /** The evaluation of the clean test set. */
  readonly clean: string;
  /** Attacks on the model itself. */
  readonly attacks: readonly AuditedSource[];
  /** Examples made against another model. */
  readonly transferred: readonly AuditedSource[];
  readonly threats: readonly Threat[];
  readonly target: TargetChoice | undefined;
  readonly feasible: FeasibleParams | undefined;
}

/** Finds out what is certain of one model, whatever the attack. */
export interface CertifyStep extends StepBase, CertifyParams {
  readonly kind: 'certify';
  readonly model: string;
  /** The evaluation of the clean test set, if any, and those under examples: what certificates are held against. */
  readonly clean: string | undefined;
  readonly examples: readonly string[];
  readonly seed: number;
  readonly target: TargetChoice | undefined;
}

/** Where examples are that an audit looks at. */
export interface AuditedSource {
  readonly attack: ComponentSpec;
  /** The name of the model that they were made against. */
  readonly madeAgainst: string;
  /** The evaluation of the model under them, and the steps that made them. */
  readonly evaluate: string;
  readonly attackSteps: readonly string[];
}

/** An attack whose examples count. */
export interface RobustnessAttack {
  readonly label: string;
  /** The evaluation of the model under its examples, and the steps that made them. */
  readonly evaluate: string;
  readonly attackSteps: readonly string[];
  readonly norm: NormName;
  /** Places in the list of threats of those that it fills. */
  readonly fills: readonly number[];
}

/** A unit of work whose result depends on what its key hashes, and on nothing else. */
export type Step =
  | TrainStep
  | ImportStep
  | EnsembleStep
  | HardenStep
  | AttackStep
  | EvaluateStep
  | WorstCaseStep
  | AuditStep
  | RobustnessStep
  | CertifyStep;

export type StepKind = Step['kind'];

/** The device that a step computes on; undefined for the CPU. */
export function deviceOf(step: Step): OnDevice['device'] {
  return 'device' in step ? step.device : undefined;
}

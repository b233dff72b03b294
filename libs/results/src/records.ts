import type { Finding, SampleKind } from '@rampart/core';

/**
 * A run's state. `interrupted` is not stored: it is what a `running` run is called whose process has stopped
 * giving signs of life.
 */
export type RunState = 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

/** One execution of an experiment. */
export interface RunRecord {
  /** Sortable by time of creation. */
  readonly id: string;
  readonly name: string;
  /** Hash of the plan: runs of one plan give the same results, and a stopped one is gone on with. */
  readonly planKey: string;
  /** The experiment as it was written, YAML. */
  readonly experiment: string;
  /** The dataset's label: `mnist(classes=[4, 7])`. */
  readonly dataset: string;
  /** Which of the publication's figures this run can be measured beside. */
  readonly published: 'mnist' | 'cifar10' | undefined;
  readonly engine: string;
  readonly seeds: readonly number[];
  readonly state: RunState;
  readonly stepsTotal: number;
  readonly stepsDone: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly finishedAt: number | undefined;
  /** Why it failed. */
  readonly error: string | undefined;
  readonly tags: readonly string[];
  /** What a reader of its figures must know, such as a dataset's note. */
  readonly notes: readonly string[];
  /** What is needed to show its images; undefined where it was not recorded. */
  readonly images: ImageFacts | undefined;
  /** Milliseconds since the epoch; undefined where it is not archived. */
  readonly archivedAt: number | undefined;
  /** Milliseconds since the epoch; undefined where it is not deleted. */
  readonly deletedAt: number | undefined;
  /** How long it takes still, as its own process predicts; undefined where that does not know, or it has ended. */
  readonly secondsLeft: number | undefined;
}

/** How to show the images and labels of a run. */
export interface ImageFacts {
  /** The classes' names; a label is an index into it. */
  readonly classes: readonly string[];
  /** The bounds of a pixel. */
  readonly box: { readonly min: number; readonly max: number };
  /** What the values are, where they are no pixels. */
  readonly samples?: SampleKind;
}

/**
 * A file of the store, named by the SHA-256 of its content.
 * - A step that makes a model has `model`.
 * - An `attack` step has `adversarial`: float32 [its instances, channels, height, width].
 * - An `evaluate` step with examples has `adversarial` and `originals`, float32 [all attacked instances, channels,
 *   height, width], rows by `InstanceRecord.position`: the pictures that the gallery shows. Equal content has one
 *   file, so they are stored once for all the models that examples are replayed on.
 */
export interface ArtifactRef {
  /** What it is to its step: `model`, `adversarial`. */
  readonly name: string;
  /** File name extension without the dot: `onnx`, `npy`. */
  readonly extension: string;
  readonly checksum: string;
  readonly bytes: number;
}

/** A finished step. Its key is a hash of all that determines it, so it is shared by every run that needs it. */
export interface StepRecord {
  readonly key: string;
  /** `train`, `attack`, `harden`, `evaluate`. */
  readonly kind: string;
  readonly label: string;
  /** Plain JSON: what later steps and the reports need of it. */
  readonly output: unknown;
  readonly artifacts: readonly ArtifactRef[];
  readonly seconds: number;
  readonly finishedAt: number;
  /** There where it was found that files of it are missing or damaged, and that it has to be done again. */
  readonly damaged?: true;
}

/** How the examples were made that a figure was measured on. */
export type CellMode =
  /** No attack. */
  | 'clean'
  /** Made against the undefended model and replayed (transfer). */
  | 'static'
  /** Made against the measured model itself (white-box). */
  | 'adaptive'
  /** The same, by an attack that takes gradients as they are, of one draw, where the model hides them. */
  | 'naive'
  /** Made against another model of the run and replayed; the attack's label names that model: `fgs of lenet5`. */
  | 'transfer';

/** One figure of a run. */
export interface CellRecord {
  readonly runId: string;
  readonly seed: number;
  /** Label of the measured model: `lenet5`, `rad(attack=adam)`. */
  readonly model: string;
  /**
   * Label of the attack: `fgs(epsilon=0.1)`, `none`. `worst-case` counts an instance as an error where any of the
   * run's attacks succeeded on it.
   */
  readonly attack: string;
  readonly mode: CellMode;
  /** Name of the metric: `error-rate`, `recall`, `distortion`, `gradient-evaluations`. */
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
  /** The bounds of the 95% confidence interval. */
  readonly low: number;
  readonly high: number;
  /** Observations. */
  readonly count: number;
  /** The step that made the adversarial examples, and the one that judged them. */
  readonly attackStep: string | undefined;
  readonly evaluateStep: string;
}

/** What one attack did under a threat. */
export interface AttackRobustness {
  /** Its label: `apgd(epsilon=8/255)`, or the component of an ensemble: `autoattack(epsilon=8/255): apgd-ce`. */
  readonly attack: string;
  /** Fraction of the whole test set that is right and stays right under it. */
  readonly robustAccuracy: number;
  /** The same under it and all attacks before it. */
  readonly cumulativeRobustAccuracy: number;
  /** Fraction of the attackable instances (attacked, and right before) that evade within the threat. */
  readonly successRate: number;
  /** Median distance, in the threat's norm, over the attackable instances; null where half of them resist. */
  readonly medianDistance: number | null;
  /** Means over the attacked instances. */
  readonly gradientEvaluations: number;
  readonly forwardEvaluations: number;
  /** The steps that made its examples: their durations are its cost. Empty for a component of an ensemble. */
  readonly attackSteps: readonly string[];
}

/** How one model withstands one threat: the worst case over all attacks that fill it, instance by instance. */
export interface RobustnessRecord {
  readonly runId: string;
  readonly seed: number;
  readonly model: string;
  readonly mode: 'static' | 'adaptive';
  /** `linf(8/255)`. */
  readonly threat: string;
  readonly norm: 'l0' | 'l1' | 'l2' | 'linf';
  readonly epsilon: number;
  /** Fraction of the whole test set that is right without an attack. */
  readonly cleanAccuracy: number;
  /** Fraction of the whole test set that is right and stays right under every attack, with its 95% Wilson interval. */
  readonly robustAccuracy: number;
  readonly low: number;
  readonly high: number;
  /** Instances of the test set, of those attacked, and of those attackable: attacked and right before. */
  readonly instances: number;
  readonly attacked: number;
  readonly attackable: number;
  /** In the order in which they count: see `cumulativeRobustAccuracy`. */
  readonly attacks: readonly AttackRobustness[];
  /** What a reader must know, such as the loss that took another's place. */
  readonly notes: readonly string[];
  /** For a model that draws random numbers: the draws that each example is judged by. */
  readonly draws?: number;
  /**
   * What came of each attacked instance under all attacks together, one digit each: its place in `OUTCOMES`. Missing
   * in older results.
   */
  readonly outcomes?: string;
  readonly step: string;
}

/** How one model stands up to the attacks of a run: the worst case over them, instance by instance. */
export interface StandingRecord {
  readonly runId: string;
  readonly seed: number;
  readonly model: string;
  /** Trained as it is, without a defense. */
  readonly undefended: boolean;
  readonly mode: 'static' | 'adaptive';
  /** `linf(8/255)`; undefined for whatever an attack found, however far it went. */
  readonly threat: string | undefined;
  /** Labels of the attacks that count, sorted. */
  readonly attacks: readonly string[];
  readonly attacked: number;
  /** Of those attacked, how many were right before; of these, how many evade, and how many no attack moved. */
  readonly attackable: number;
  readonly evaded: number;
  readonly unmoved: number;
}

/** Robust accuracy at every epsilon of a norm, from the nearest example of each instance over all attacks. */
export interface RobustnessCurveRecord {
  readonly runId: string;
  readonly seed: number;
  readonly model: string;
  readonly mode: 'static' | 'adaptive';
  readonly norm: 'l0' | 'l1' | 'l2' | 'linf';
  /** An attack's label, or `worst-case` over all of them. */
  readonly attack: string;
  readonly instances: number;
  /** By epsilon; the robust accuracy from there up to the next point, with its 95% Wilson interval. */
  readonly points: readonly (readonly [epsilon: number, robustAccuracy: number, low: number, high: number])[];
  readonly step: string;
}

/** What is certain of one smoothed model, whatever the attack: see `certify` of experiments. */
export interface CertificateRecord {
  readonly runId: string;
  readonly seed: number;
  readonly model: string;
  /** Standard deviation of the noise, in the units of the samples. */
  readonly sigma: number;
  /** Noisy copies that a certificate rests on, and others that its class was chosen by. */
  readonly samples: number;
  readonly selection: number;
  /** The probability with which a certificate may be wrong. */
  readonly alpha: number;
  /** The l2 radius beyond which so many copies can certify nothing. */
  readonly reach: number;
  /** Values of a sample. */
  readonly features: number;
  /** The first instances of the test set, as many as were certified, and those of them that could be attacked. */
  readonly instances: number;
  readonly attackable: number;
  /** Fraction of the instances that are given no answer. */
  readonly abstained: number;
  /**
   * Certified accuracy over the instances, by l2 radius: what holds beyond the point before, up to and at its own
   * radius, with its 95% Wilson interval; nothing beyond the last.
   */
  readonly curve: readonly CertifiedPoint[];
  /** The same over the attackable instances. */
  readonly attackableCurve: readonly CertifiedPoint[];
  readonly step: string;
}

export type CertifiedPoint = readonly [radius: number, accuracy: number, low: number, high: number];

/** Something that makes a figure of a run doubtful, and what became of it. */
export interface FindingRecord extends Finding {
  /**
   * In a run without threats, whose figures nothing else holds together: positions among the attacked instances that the
   * model's remedies broke. With the first finding about the model alone.
   */
  readonly remedied?: readonly number[];
  readonly runId: string;
  readonly seed: number;
  readonly model: string;
  readonly mode: 'static' | 'adaptive';
  readonly step: string;
}

/** A point of a curve: training loss over epochs, recall over epsilon. */
export interface CurveRecord {
  readonly runId: string;
  readonly seed: number;
  /** Which diagram it belongs to: `training`, `recall-epsilon`. */
  readonly diagram: string;
  /** Label of the model that the curve is about. */
  readonly model: string;
  readonly series: string;
  readonly x: number;
  readonly y: number;
}

/** A model that a run trained, hardened or was given. */
export interface ModelRecord {
  readonly runId: string;
  readonly seed: number;
  readonly label: string;
  /** Key of the step that made it. */
  readonly step: string;
  /** Checksum of its ONNX file among the artifacts. */
  readonly artifact: string;
  /** Keys of the steps of the models that it was made from. */
  readonly parents: readonly string[];
  readonly parameters: number;
  readonly engine: string;
  /** Figures of its making, such as the rounds that a defense took. */
  readonly facts: Readonly<Record<string, number | string>>;
}

/** One attacked instance as one model judged it. */
export interface InstanceRecord {
  /** The step that judged it. */
  readonly evaluateStep: string;
  /** Position among the attacked instances: the row of the adversarial .npy. */
  readonly position: number;
  /** Index into the test set. */
  readonly testIndex: number;
  readonly label: number;
  readonly predictionBefore: number;
  readonly predictionAfter: number;
  /** Softmax probability of the predicted class, before and after. */
  readonly confidenceBefore: number;
  readonly confidenceAfter: number;
  /** sqrt(sum (x' - x)^2) / n */
  readonly distortion: number;
  readonly linf: number;
  readonly iterations: number;
}

/** Something that happened in a run, in the order of `id`. */
export interface EventRecord {
  readonly id: number;
  readonly runId: string;
  readonly at: number;
  readonly event: RunEvent;
}

/** The typed progress events that the terminal and the dashboard draw from. */
export type RunEvent =
  | { readonly type: 'run-started'; readonly stepsTotal: number }
  | { readonly type: 'step-started'; readonly step: string; readonly kind: string; readonly label: string }
  | {
      readonly type: 'step-progress';
      readonly step: string;
      readonly done: number;
      readonly total: number;
      readonly unit: string;
      readonly detail?: string;
    }
  | {
      readonly type: 'step-finished';
      readonly step: string;
      readonly label: string;
      readonly cached: boolean;
      readonly seconds: number;
      readonly stepsDone: number;
      readonly stepsTotal: number;
    }
  /** A step that was finished is to be done again, since what is stored of it is missing or damaged. */
  | { readonly type: 'step-damaged'; readonly step: string; readonly label: string; readonly reason: string }
  | { readonly type: 'run-finished'; readonly state: RunState; readonly error?: string };

/** A step of a run's plan, and whether it is finished. */
export interface RunStepRecord {
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  /** Its place in the plan. */
  readonly position: number;
  /** The cells that it fills; undefined where an older version planned it, as the next. */
  readonly cells?: readonly RunStepCell[] | undefined;
  /** Positions of the steps that it waits for. */
  readonly needs?: readonly number[] | undefined;
}

/** A cell of a run's tables that a step of its plan fills. */
export type RunStepCell = Pick<CellRecord, 'model' | 'attack' | 'mode'>;

/** Work that somebody asks for on the dashboard and that the trainer's process does. */
export interface JobRecord {
  readonly id: number;
  /** `inspect`, `evaluate`, `run`. */
  readonly kind: string;
  /** Plain JSON that the kind determines. */
  readonly request: unknown;
  readonly state: 'queued' | 'running' | 'done' | 'failed';
  readonly createdAt: number;
  readonly finishedAt: number | undefined;
  /** The run that it became, as soon as there is one. */
  readonly runId: string | undefined;
  readonly result: unknown;
  readonly error: string | undefined;
}

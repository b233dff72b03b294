import { attacks as registry } from '@rampart/attacks';
import {
  type AttackStage,
  type AuditedAttack,
  type AuditSubject,
  type Classifier,
  type ComponentSpec,
  type Dataset,
  decodeNpyFloat32,
  type DifferentiableClassifier,
  evade,
  type Evasion,
  type FeasibleSet,
  featureCount,
  formatComponent,
  imageBatch,
  isEvasion,
  logitsOfScores,
  meanLoss,
  type ModelView,
  type NormName,
  NORMS,
  type PixelBox,
  type Rng,
  takeImages,
} from '@rampart/core';
import { gradientNote, openVerifier, openView, prepareModel } from '@rampart/models';
import { type Model, readModel, stepOperators } from '@rampart/onnx';

import { claimedAccuracy } from '../claimed-accuracy';
import { commonestSet } from '../commonest-set';
import { feasibleSet } from '../feasible';
import type { AuditedSource, AuditStep } from '../step';
import { commonTarget } from '../targets';
import { attackedTestIndices } from './attacked';
import { artifactOf, inputOf, predictionsOf, type StepContext } from './context';
import type { AttackOutput, EvaluateOutput } from './outputs';

/** The part of the attacks' gradients that audits may spend without finding anything. */
const ALLOWANCE = 0.05;

/** Images that tell which inner value decides as the model does. */
const SAMPLE = 256;

type Disposable = { dispose(): Promise<void> };

/** A figure as audits look at it: what the run's steps found out, and the model to look closer. */
export class Subject implements AuditSubject {
  readonly label;
  readonly mode;
  readonly modes;
  readonly shape;
  readonly box;
  readonly classes;
  readonly test;
  readonly train;
  readonly commonestSet;
  readonly threats;
  readonly signal;
  readonly rng: Rng;
  readonly clean: Int32Array;
  readonly claimedAccuracy: number | undefined;
  readonly attacked: Int32Array;
  readonly targets: Int32Array | undefined;
  readonly attackable: Int32Array;
  readonly attacks: readonly AuditedAttack[];
  readonly transferred: readonly AuditedAttack[];
  readonly steps: AuditSubject['steps'];
  readonly estimated: boolean;
  readonly allowance: number;
  readonly features: number;
  private readonly opened = new Map<string, Promise<(Classifier & Disposable) | undefined>>();

  private constructor(
    step: AuditStep,
    context: StepContext,
    readonly file: Uint8Array,
    facts: Pick<Subject, 'clean' | 'attacked' | 'targets' | 'attacks' | 'transferred' | 'steps' | 'estimated'> & {
      readonly claimedAccuracy: number | undefined;
    },
    readonly feasible: FeasibleSet | undefined,
  ) {
    const { shape, box, classes, test, train }: Dataset = context.dataset;
    this.label = step.subject;
    this.mode = step.mode;
    this.modes = step.modes;
    this.shape = shape;
    this.box = box;
    this.classes = classes;
    this.test = test;
    this.train = train;
    this.commonestSet = commonestSet(context.dataset);
    this.threats = step.threats;
    this.signal = context.signal;
    this.rng = context.rng;
    this.features = featureCount(shape);
    this.clean = facts.clean;
    this.claimedAccuracy = facts.claimedAccuracy;
    this.attacked = facts.attacked;
    this.targets = facts.targets;
    this.attacks = facts.attacks;
    this.transferred = facts.transferred;
    this.steps = facts.steps;
    this.estimated = facts.estimated;
    this.attackable = Int32Array.from(facts.attacked.keys()).filter((position) => {
      const index = facts.attacked[position]!;
      return facts.clean[index] === test.labels[index];
    });
    const spent = facts.attacks.reduce((sum, one) => sum + one.gradientEvaluations, 0);
    this.allowance = Math.floor(ALLOWANCE * spent);
  }

  static async read(step: AuditStep, context: StepContext): Promise<Subject> {
    const { dataset } = context;
    const file = await artifactOf(context, step.model, 'model');
    const attacked = attackedTestIndices(dataset, step.target);
    const common = commonTarget(step.target);
    let targets = common === undefined ? undefined : new Int32Array(attacked.length).fill(common);
    const clean = await predictionsOf(context, step.clean);
    const originals = takeImages(dataset.test.images, attacked).data;
    const read = async (sources: readonly AuditedSource[]) => {
      const results: AuditedAttack[] = [];
      for (const source of sources) {
        const { targets: chosen } = inputOf(context, source.evaluate).output as EvaluateOutput;
        if (chosen) targets = Int32Array.from(chosen);
        results.push(await auditedAttack(source, { context, attacked, originals, targets }));
      }
      return results;
    };
    const note = gradientNote(readModel(file));
    const attacks = await read(step.attacks);
    const transferred = await read(step.transferred);
    return new Subject(
      step,
      context,
      file,
      {
        ...{ clean, attacked, targets, attacks, transferred },
        steps: await stepsIn(file, dataset.box),
        estimated: typeof note === 'object',
        claimedAccuracy: claimedAccuracy(readModel(file).metadata),
      },
      step.feasible && feasibleSet(step.feasible, featureCount(dataset.shape)),
    );
  }

  /** The same figure with random numbers of its own for one audit. */
  drawingFrom(name: string): AuditSubject {
    return Object.create(this, { rng: { value: this.rng.split(name) } }) as AuditSubject;
  }

  async verifier(batchSize?: number): Promise<Classifier> {
    const key = `verifier ${batchSize ?? ''}`;
    return (await this.once(key, () =>
      openVerifier(this.file, { box: this.box, ...(batchSize !== undefined && { batchSize }) }),
    ))!;
  }

  async open(view: ModelView = {}): Promise<DifferentiableClassifier | undefined> {
    const images = this.test.images.data.subarray(0, SAMPLE * this.features);
    const opened = await this.once(JSON.stringify(view), () => openView(this.file, view, { box: this.box, images }));
    return opened as (DifferentiableClassifier & Disposable) | undefined;
  }

  async attack(
    spec: ComponentSpec,
    positions: Int32Array,
    view: ModelView = {},
    watch?: (images: Float32Array, logits: Float32Array) => void,
  ): Promise<AuditedAttack | undefined> {
    // What the run's attacks were given, where nothing else is asked for.
    const asGiven = this.estimated && Object.keys(view).length === 0;
    const opened = await this.open(asGiven ? { gradients: 'estimated' } : view);
    if (!opened) return undefined;
    const classifier = watch ? watched(opened, watch) : opened;
    const attack = registry.resolve(spec);
    const evasion = await evade({
      attack,
      classifier,
      verifier: await this.verifier(),
      images: imageBatch(this.images(positions), this.shape, this.box),
      labels: this.labels(positions),
      ...(this.targets && { targets: positions.map((position) => this.targets![position]!) }),
      ...(this.feasible && { feasible: this.feasible }),
      rng: this.rng.split(`${formatComponent(attack.spec)} ${JSON.stringify(view)}`),
      signal: this.signal,
    });
    return this.audited(spec, evasion, positions);
  }

  /** Examples of some instances as an attack's result. */
  audited(spec: ComponentSpec, evasion: Evasion, positions: Int32Array): AuditedAttack {
    const attack = registry.resolve(spec);
    const norm = normOf(attack);
    const { adversarial } = evasion;
    return {
      attack,
      madeAgainst: this.label,
      norm,
      examples: async (rows) => takeImages(adversarial, rows).data,
      predictions: evasion.predictions,
      evades: evasion.evaded,
      distances: distancesOf(norm, adversarial.data, this.images(positions), this.features),
      losses: evasion.losses,
      stages: evasion.stages,
      corrected: evasion.corrected,
      forwardEvaluations: sum(evasion.forwardEvaluations),
      gradientEvaluations: sum(evasion.gradientEvaluations),
    };
  }

  images(positions: Int32Array): Float32Array {
    const { features } = this;
    const { data } = this.test.images;
    const result = new Float32Array(positions.length * features);
    positions.forEach((position, row) => {
      const from = this.attacked[position]! * features;
      result.set(data.subarray(from, from + features), row * features);
    });
    return result;
  }

  labels(positions: Int32Array): Int32Array {
    return positions.map((position) => this.test.labels[this.attacked[position]!]!);
  }

  /** Gives back the memory of every session. */
  async dispose(): Promise<void> {
    for (const opened of this.opened.values()) await (await opened.catch(() => undefined))?.dispose();
    this.opened.clear();
  }

  private once<T extends Classifier & Disposable>(
    key: string,
    open: () => Promise<T | undefined>,
  ): Promise<(Classifier & Disposable) | undefined> {
    const known = this.opened.get(key);
    if (known) return known;
    const opening = open();
    this.opened.set(key, opening);
    return opening;
  }
}

async function auditedAttack(
  { attack: spec, madeAgainst, evaluate, attackSteps }: AuditedSource,
  {
    context,
    attacked,
    originals,
    targets,
  }: {
    readonly context: StepContext;
    readonly attacked: Int32Array;
    readonly originals: Float32Array;
    readonly targets: Int32Array | undefined;
  },
): Promise<AuditedAttack> {
  const { dataset } = context;
  const features = featureCount(dataset.shape);
  const attack = registry.resolve(spec);
  const norm = normOf(attack);
  const adversarial = async () => {
    const { data } = decodeNpyFloat32(await artifactOf(context, evaluate, 'adversarial'));
    return imageBatch(data, dataset.shape, dataset.box);
  };
  const judged = await predictionsOf(context, evaluate);
  const predictions = attacked.map((index) => judged[index]!);
  const outputs = attackSteps.map((key) => inputOf(context, key).output as AttackOutput);
  return {
    attack,
    madeAgainst,
    norm,
    // Those of all attacks together may be more than there is memory for.
    examples: async (rows) => (rows.length === 0 ? new Float32Array() : takeImages(await adversarial(), rows).data),
    predictions,
    evades: Uint8Array.from(attacked, (index, position) =>
      Number(isEvasion(predictions[position]!, dataset.test.labels[index]!, targets?.[position])),
    ),
    distances: distancesOf(norm, (await adversarial()).data, originals, features),
    losses: meanLosses(outputs),
    stages: mergedStages(outputs),
    corrected: outputs.reduce((total, { corrected }) => total + corrected, 0),
    forwardEvaluations: outputs.reduce((total, one) => total + sum(one.forwardEvaluations), 0),
    gradientEvaluations: outputs.reduce((total, one) => total + sum(one.gradientEvaluations), 0),
  };
}

/** A classifier that tells what it is asked and what it answers. */
function watched(
  classifier: DifferentiableClassifier,
  watch: (images: Float32Array, logits: Float32Array) => void,
): DifferentiableClassifier {
  const { scores, classes } = classifier;
  return Object.create(classifier, {
    ...(scores && {
      scores: {
        value: async (images: Float32Array) => {
          const answer = await scores(images);
          watch(images, logitsOfScores(answer, classes));
          return answer;
        },
      },
    }),
    logits: {
      value: async (images: Float32Array) => {
        const logits = await classifier.logits(images);
        watch(images, logits);
        return logits;
      },
    },
    lossGradient: {
      value: async (...asked: Parameters<DifferentiableClassifier['lossGradient']>) => {
        const answer = await classifier.lossGradient(...asked);
        watch(asked[0], answer.logits);
        return answer;
      },
    },
  }) as DifferentiableClassifier;
}

async function stepsIn(file: Uint8Array, box: PixelBox): Promise<AuditSubject['steps']> {
  const { model, types, input, logits } = await prepareModel(file, { box });
  return stepOperators({ ...types, model }, { from: takenValue(model, input), to: logits });
}

/** What may lie between samples and the whole numbers that a file takes. */
const BEFORE = new Set(['Mul', 'Add', 'Transpose', 'Reshape', 'Flatten', 'Clip', 'Round']);

/** The whole numbers that samples are rounded to in front of a file that takes such; else the samples. */
function takenValue({ graph }: Model, input: string): string {
  let [value, before] = [input, ''];
  for (;;) {
    const [node, ...others] = graph.nodes.filter(({ inputs }) => inputs.includes(value));
    if (!node || others.length > 0) return input;
    if (node.op === 'Cast' && before === 'Round') return node.outputs[0]!;
    if (!BEFORE.has(node.op)) return input;
    [value, before] = [node.outputs[0]!, node.op];
  }
}

function normOf({ definition, params }: AuditedAttack['attack']): NormName | undefined {
  const { norm } = definition.threat(params);
  return norm === 'none' ? undefined : norm;
}

function distancesOf(
  norm: NormName | undefined,
  examples: Float32Array,
  originals: Float32Array,
  features: number,
): Float64Array {
  const { distance } = NORMS[norm ?? 'l2'];
  return Float64Array.from({ length: examples.length / features }, (_, row) =>
    distance(examples, originals, row * features, features),
  );
}

/** The mean over the parts of an attack; none where a part has none. */
function meanLosses(outputs: readonly AttackOutput[]): AuditedAttack['losses'] {
  if (outputs.some(({ losses }) => losses === undefined)) return [];
  return meanLoss(outputs.map(({ evaded, losses }) => ({ instances: evaded.length, curve: losses! })));
}

function mergedStages(outputs: readonly AttackOutput[]): AuditedAttack['stages'] {
  const merged = new Map<string, AttackStage>();
  for (const stage of outputs.flatMap(({ stages }) => stages ?? [])) {
    const known = merged.get(stage.name);
    const { name, instances, evaded, forwardEvaluations, gradientEvaluations } = stage;
    merged.set(name, {
      name,
      instances: instances + (known?.instances ?? 0),
      evaded: evaded + (known?.evaded ?? 0),
      forwardEvaluations: forwardEvaluations + (known?.forwardEvaluations ?? 0),
      gradientEvaluations: gradientEvaluations + (known?.gradientEvaluations ?? 0),
    });
  }
  return [...merged.values()];
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

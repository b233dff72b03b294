import {
  type AttackDefinition,
  type AuditedAttack,
  type AuditSubject,
  type Classifier,
  type ComponentSpec,
  type DifferentiableClassifier,
  evade,
  featureCount,
  formatComponent,
  formatThreat,
  imageBatch,
  type LabelledImages,
  type LossGradient,
  type ModelView,
  NORMS,
  parseComponent,
  predictions,
  type Registry,
  Rng,
  smoothedClassifier,
  takeImages,
  type Threat,
  withEstimatedGradients,
} from '@rampart/core';

/** What a figure to be looked into is made of: a model, its test set and the attacks that are really run. */
export interface AuditCase {
  /** The model that is attacked and judged. */
  readonly model: DifferentiableClassifier;
  readonly test: LabelledImages;
  /** None where nothing is said. */
  readonly train?: LabelledImages;
  /** As an experiment file writes them: `pgd(epsilon=0.1)`. */
  readonly attacks: readonly string[];
  /** Where attacks are found by their names. */
  readonly registry: Registry<AttackDefinition>;
  /** A model that the same attacks are run against, whose examples are replayed. */
  readonly source?: DifferentiableClassifier;
  /** The model under views that not every model has: inner logits, straight-through gradients. Default: none. */
  readonly view?: (view: ModelView) => DifferentiableClassifier | undefined;
  readonly seed?: number;
  /** What differs from what came of all this. */
  readonly change?: (subject: AuditSubject) => Partial<AuditSubject>;
}

/** A subject that knows what it was asked. */
export interface TrialSubject extends AuditSubject {
  /** Gradients that it has given so far, those of attacks included. */
  spent(): number;
}

/** The part of the attacks' evaluations that audits may spend. */
const ALLOWANCE = 0.05;

/** How gradients are estimated. */
const ESTIMATE = { samples: 16, radius: 0.01, seed: 1 };

/** Runs the attacks of a case and makes the subject of audits of what came of them. */
export async function auditSubject(of: AuditCase): Promise<TrialSubject> {
  const { model, test, registry, seed = 1 } = of;
  const { shape, box } = model;
  const rng = Rng.root(seed);
  const clean = predictions(await model.logits(test.images.data), model.classes);
  const attacked = Int32Array.from(test.labels.keys());
  let gradients = 0;

  const images = (positions: Int32Array) => takeImages(test.images, positions).data;

  const run = async (
    spec: ComponentSpec,
    positions: Int32Array,
    { against, name, judge = model }: { against: DifferentiableClassifier; name: string; judge?: Classifier },
  ): Promise<AuditedAttack> => {
    const attack = registry.resolve(spec);
    const originals = imageBatch(images(positions), shape, box);
    const threat = attack.definition.threat(attack.params);
    const evasion = await evade({
      ...{ attack, classifier: against, verifier: judge, images: originals },
      labels: positions.map((position) => test.labels[position]!),
      rng: rng.split(name),
    });
    const { adversarial, evaded, losses, stages, corrected } = evasion;
    const { distance } = NORMS[threat.norm === 'none' ? 'l2' : threat.norm];
    const size = featureCount(shape);
    return {
      attack,
      madeAgainst: against === of.source ? 'source' : 'model',
      norm: threat.norm === 'none' ? undefined : threat.norm,
      examples: async (rows) => takeImages(adversarial, rows).data,
      predictions: evasion.predictions,
      evades: evaded,
      distances: Float64Array.from(positions, (_, row) => distance(adversarial.data, originals.data, row * size, size)),
      ...{ losses, stages, corrected },
      forwardEvaluations: sum(evasion.forwardEvaluations),
      gradientEvaluations: sum(evasion.gradientEvaluations),
    };
  };
  const runAll = async (against: DifferentiableClassifier) => {
    const results: AuditedAttack[] = [];
    for (const text of of.attacks) {
      results.push(await run(parseComponent(text), attacked, { against, name: `run ${text}` }));
    }
    return results;
  };

  const open = async (view: ModelView = {}) => {
    const count = (rows: number) => (gradients += rows);
    return viewed({ ...of, model: counted(model, count) }, view);
  };
  const attacks = await runAll(model);
  const subject: TrialSubject = {
    label: 'model',
    mode: 'adaptive',
    modes: ['adaptive'],
    ...{ shape, box, test, clean, attacked, attacks, rng, images, open },
    classes: Array.from({ length: model.classes }, (_, j) => `class ${j}`),
    train: of.train ?? { images: { ...test.images, data: new Float32Array(), count: 0 }, labels: new Int32Array() },
    claimedAccuracy: undefined,
    targets: undefined,
    attackable: attacked.filter((index) => clean[index] === test.labels[index]),
    threats: ballsOf(attacks),
    transferred: of.source ? await runAll(of.source) : [],
    steps: { operators: [], everywhere: false },
    estimated: false,
    allowance: Math.floor(ALLOWANCE * sum(attacks.map((one) => one.forwardEvaluations + one.gradientEvaluations))),
    spent: () => gradients,
    verifier: async (batchSize) => (batchSize === undefined ? model : inBatches(model, batchSize)),
    async attack(spec, positions, view, watch) {
      const against = await open(view);
      if (!against) return undefined;
      const name = `audit ${formatComponent(spec)} ${JSON.stringify(view)}`;
      return run(spec, positions, { against: watch ? watched(against, watch) : against, name });
    },
  };
  return { ...subject, ...of.change?.(subject) };
}

/** Each ball of the attacks once. */
function ballsOf(attacks: readonly AuditedAttack[]): Threat[] {
  const threats = new Map<string, Threat>();
  for (const { attack } of attacks) {
    const threat = attack.definition.threat(attack.params);
    if (threat.norm !== 'none' && Number.isFinite(threat.epsilon)) threats.set(formatThreat(threat), threat);
  }
  return [...threats.values()];
}

function viewed({ model, view: own }: AuditCase, view: ModelView): DifferentiableClassifier | undefined {
  const { smoothing, feed, gradients, ...rest } = view;
  let opened = Object.keys(rest).length === 0 ? model : own?.(view);
  if (opened && feed) opened = fed(opened, feed);
  if (opened && smoothing) opened = smoothedClassifier(opened, { ...smoothing, seed: 1 });
  return opened && gradients === 'estimated' ? withEstimatedGradients(opened, ESTIMATE) : opened;
}

/** A model that is fed images scaled and shifted. */
function fed(
  model: DifferentiableClassifier,
  { scale, shift }: NonNullable<ModelView['feed']>,
): DifferentiableClassifier {
  const images = (values: Float32Array) => values.map((value) => scale * value + shift);
  return {
    ...model,
    logits: (values) => model.logits(images(values)),
    async lossGradient(values, ...rest) {
      const answer = await model.lossGradient(images(values), ...rest);
      return { ...answer, gradient: answer.gradient.map((slope) => scale * slope) };
    },
  };
}

/** A session that takes so many rows at once. */
function inBatches(model: Classifier, size: number): Classifier {
  const features = featureCount(model.shape);
  return {
    ...model,
    async logits(images) {
      const count = images.length / features;
      const result = new Float32Array(count * model.classes);
      for (let start = 0; start < count; start += size) {
        const part = images.subarray(start * features, Math.min(count, start + size) * features);
        result.set(await model.logits(part), start * model.classes);
      }
      return result;
    },
  };
}

function counted(model: DifferentiableClassifier, count: (rows: number) => void): DifferentiableClassifier {
  return {
    ...model,
    lossGradient(images, labels, ...rest) {
      count(labels.length);
      return model.lossGradient(images, labels, ...rest);
    },
  };
}

function watched(
  model: DifferentiableClassifier,
  watch: (images: Float32Array, logits: Float32Array) => void,
): DifferentiableClassifier {
  return {
    ...model,
    async logits(images) {
      const logits = await model.logits(images);
      watch(images, logits);
      return logits;
    },
    async lossGradient(images, ...rest): Promise<LossGradient> {
      const answer = await model.lossGradient(images, ...rest);
      watch(images, answer.logits);
      return answer;
    },
  };
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

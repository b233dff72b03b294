import {
  type Attack,
  type ComponentSpec,
  type CurvePoint,
  type DefendedModel,
  type DefenseProblem,
  featureCount,
  type ImageBatch,
  imageBatch,
  type LabelledImages,
  predictions,
  RampartError,
  type Rng,
  takeLabelled,
} from '@rampart/core';
import { openVerifier } from '@rampart/models';
import {
  adam,
  type Batch,
  type InnerAttack,
  learningRateRange,
  type ObjectiveTerm,
  oneHot,
  sgd,
  train,
  type TrainOptions,
  type Views,
} from '@rampart/training';

import { attackModel } from '../adversarial-examples';
import { augment } from './augmentation';
import { weightsOfClasses } from './class-weights';
import { heldOut, type Standing, standingOf } from './robust-validation';
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
  /** A fall of the robust accuracy below the best by this much ends the training. */
  readonly collapse?: number;
}

/** Steps of the projected descent that judges epochs. */
const JUDGE_STEPS = 20;

/** The views that every plan has. */
export const IMAGES = 'images';
export const ADVERSARIAL = 'adversarial';
export const LABELS = 'labels';
export const LOGITS = 'logits';
/** A number a row that epsilon is multiplied by. */
export const REACH = 'reach';

/** Trains the undefended model's own weights on an objective, examples being made at every step. */
export async function trainAgainst(
  settings: TrainingSettings,
  plan: TrainingPlan,
  problem: DefenseProblem,
): Promise<DefendedModel> {
  const { classes, malicious, feasible, engine, rng, signal, onProgress, crew, attacks } = problem;
  const { train: data, validation } = heldOut({ train: withoutLabels(problem.train, plan), rng }, settings.validation);
  const { images, labels } = data;
  const { channels, height, width } = images.shape;
  const attack = plan.attack && withBudget(attacks.resolve(plan.attack));
  const judge = attacks.resolve({ name: 'pgd', params: { ...plan.threat, steps: JUDGE_STEPS } });
  const judged = async (model: Uint8Array): Promise<Standing | undefined> =>
    validation &&
    standingOf(model, judge, validation, { ...problem, open: (file) => predictedBy(file, validation.images) });

  const curves: CurvePoint[] = [];
  const note = (x: number, standing: Standing | undefined): void => {
    if (!standing) return;
    curves.push({ series: 'validation accuracy', x, y: standing.clean });
    curves.push({ series: 'validation robust accuracy', x, y: standing.robust });
  };
  const before = await judged(problem.model);
  note(0, before);
  let best: { readonly model: Uint8Array; readonly standing: Standing; readonly epoch: number } | undefined;
  let said = before ? `robust accuracy ${percent(before.robust)} before` : undefined;
  let ended: string | undefined;

  const optimiserAt = settings.optimiser === 'adam' ? adam : sgd;
  const setting: Omit<TrainOptions, 'epochs' | 'optimiser'> = {
    ...{ engine, signal, crew },
    model: problem.model,
    objective: { terms: plan.terms, weightDecay: settings.weightDecay },
    data: {
      count: images.count,
      views: {
        [IMAGES]: { data: images.data, shape: [channels, height, width] },
        [LABELS]: { data: labelRows(labels, classes, settings, plan), shape: [classes] },
        [REACH]: { data: reachOf(labels, malicious), shape: [1] },
        ...(attack && { [ADVERSARIAL]: { data: images.data, shape: [channels, height, width] } }),
        ...plan.views?.(images.count),
      },
    },
    inner:
      plan.inner && !attack
        ? { ...plan.inner, from: IMAGES, to: ADVERSARIAL, output: LOGITS, box: images.box, feasible, reach: REACH }
        : undefined,
    batchSize: settings.batchSize,
    ...{ frozen: settings.freeze, perturbation: settings.perturbation },
    batchStatistics: settings.batchNorm === 'train' && engine !== 'tfjs',
    async onBatch(batch) {
      const { views, step } = batch;
      const drawn = rng.split('batches').split(step);
      if (settings.flips || settings.crops > 0) {
        augment(views[IMAGES]!.data, images.shape, settings, drawn.split('augmentation'));
      }
      plan.onBatch?.(batch, drawn.split('plan'));
      if (attack) await attackBatch(attack, batch, problem, { ...problem, rng: drawn.split('attack') });
    },
    rng: rng.split('train'),
  };
  const range =
    settings.learningRate === 'auto'
      ? await learningRateRange({ ...setting, optimiser: optimiserAt(), rng: rng.split('range test') })
      : undefined;
  range?.points.forEach(({ rate, loss }) =>
    curves.push({ series: 'range test: loss by log10 of the rate', x: Math.log10(rate), y: loss }),
  );
  const learningRate = range?.rate ?? (settings.learningRate as number);
  const { model, losses } = await train({
    ...setting,
    optimiser: optimiserAt(learningRate),
    ...{ epochs: settings.epochs, schedule: settings.schedule, warmUp: settings.warmUp },
    replays: plan.replays ?? 1,
    averaging: { none: undefined, ema: { decay: settings.decay }, swa: { from: 0.5 } }[settings.averaging],
    onProgress: ({ done, total, detail }) =>
      onProgress?.({
        done: (settings.epochs * done) / total,
        total: settings.epochs,
        unit: 'epochs',
        detail: [detail, said].filter((part) => part !== undefined).join(', '),
      }),
    async onEpoch({ epoch, model: current }) {
      if (!validation) return 'go on';
      const file = await current();
      const standing = (await judged(file))!;
      note(epoch, standing);
      const fell =
        plan.collapse !== undefined && best !== undefined && standing.robust < best.standing.robust - plan.collapse;
      if (!best || standing.robust >= best.standing.robust) best = { model: file, standing, epoch };
      said = `robust accuracy ${percent(standing.robust)}, clean ${percent(standing.clean)}`;
      if (fell)
        ended = `robust accuracy fell to ${percent(standing.robust)} in epoch ${epoch}: catastrophic overfitting`;
      else if (settings.patience > 0 && epoch - best.epoch >= settings.patience && epoch < settings.epochs) {
        ended = `no epoch after ${best.epoch} was more robust`;
      }
      return ended === undefined ? 'go on' : 'stop';
    },
  });
  losses.forEach((y, epoch) => curves.push({ series: 'training loss', x: epoch + 1, y }));
  const kept = best && (settings.keep === 'best' || ended !== undefined) ? best : undefined;
  return {
    model: kept?.model ?? model,
    curves,
    facts: {
      epochs: losses.length,
      ...(range && { 'learning rate found': range.rate }),
      ...(before && { 'validation robust accuracy before': before.robust }),
      ...(best && {
        'validation robust accuracy': (kept ?? best).standing.robust,
        'validation accuracy': (kept ?? best).standing.clean,
        'epoch kept': kept?.epoch ?? losses.length,
      }),
      ...(ended !== undefined && { 'ended early': ended }),
    },
  };
}

/** @throws RampartError `usage` where the attack looks for the nearest example instead of one within a budget */
function withBudget(attack: Attack): Attack {
  const threat = attack.definition.threat(attack.params);
  if (threat.norm !== 'none' && threat.epsilon < Infinity) return attack;
  throw new RampartError({
    code: 'usage',
    message: `The inner attack "${attack.label}" has no budget: it would take as much change as it likes. Expected one with an epsilon, such as pgd(epsilon=0.1).`,
  });
}

/** Makes the adversarial rows of a batch, of those instances that are attacked. */
async function attackBatch(
  attack: Attack,
  { views, model }: Batch,
  { train: { images }, attacks, feasible }: DefenseProblem,
  { rng, signal, crew }: Pick<DefenseProblem, 'rng' | 'signal' | 'crew'>,
): Promise<void> {
  const originals = Float32Array.from(views[IMAGES]!.data);
  const rows = views[LABELS]!;
  const classes = rows.shape[0]!;
  const batch = {
    images: imageBatch(originals, images.shape, images.box),
    labels: predictions(rows.data, classes),
  };
  const attacked = [...batch.labels.keys()].filter((i) => views[REACH]!.data[i]! > 0);
  const { adversarial } = await attackModel(await model(), attack, takeLabelled(batch, attacked), rng, {
    ...{ attacks, feasible, signal, crew },
  });
  const features = featureCount(images.shape);
  const made = views[ADVERSARIAL]!.data;
  made.set(originals);
  attacked.forEach((i, at) => made.set(adversarial.data.subarray(at * features, (at + 1) * features), i * features));
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

/** The training data, labels that are not to be used left out. */
function withoutLabels(train: LabelledImages, { labelled = Infinity }: TrainingPlan): LabelledImages {
  return { ...train, labels: train.labels.map((label, i) => (i < labelled ? label : -1)) };
}

/** 1 for the instances that an attacker modifies. */
function reachOf(labels: Int32Array, malicious: number | undefined): Float32Array {
  return Float32Array.from(labels, (label) => Number(malicious === undefined || label === malicious));
}

async function predictedBy(model: Uint8Array, images: ImageBatch): Promise<Int32Array> {
  const verifier = await openVerifier(model, { box: images.box });
  try {
    return predictions(await verifier.logits(images.data), verifier.classes);
  } finally {
    await verifier.dispose();
  }
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)}%`;
}

import type { DefendedModel, DefenseProblem } from '@rampart/core';
import { adam, learningRateRange, sgd, train, type TrainOptions } from '@rampart/training';

import { augment } from './augmentation';
import { batchAttack } from './batch-attack';
import { JudgedEpochs } from './judged-epochs';
import { heldOut } from './robust-validation';
import type { TrainingSettings } from './settings';
import { ADVERSARIAL, IMAGES, LOGITS, REACH, type TrainingPlan, viewsOf, withoutLabels } from './training-plan';

/** What a training and the search for its learning rate have in common. */
type Setting = Omit<TrainOptions, 'epochs' | 'optimiser' | 'rng'>;

/** Trains the undefended model's own weights on an objective, examples being made at every step. */
export async function trainAgainst(
  settings: TrainingSettings,
  plan: TrainingPlan,
  problem: DefenseProblem,
): Promise<DefendedModel> {
  const { rng, onProgress, checkpoint } = problem;
  const { train: data, validation } = heldOut({ train: withoutLabels(problem.train, plan), rng }, settings.validation);
  const setting = settingOf(settings, plan, { ...problem, train: data });
  const epochs = new JudgedEpochs(validation, settings, plan, problem);
  await epochs.begin();
  const optimiserAt = settings.optimiser === 'adam' ? adam : sgd;
  const range =
    settings.learningRate === 'auto'
      ? await learningRateRange({ ...setting, optimiser: optimiserAt(), rng: rng.split('range test') })
      : undefined;
  const learningRate = range?.rate ?? (settings.learningRate as number);
  const trained = await train({
    ...setting,
    optimiser: optimiserAt(learningRate),
    ...{ epochs: settings.epochs, schedule: settings.schedule, warmUp: settings.warmUp },
    replays: plan.replays ?? 1,
    averaging: { none: undefined, ema: { decay: settings.decay }, swa: { from: 0.5 } }[settings.averaging],
    ...{ checkpoint, beside: epochs },
    rng: rng.split('train'),
    onProgress: ({ done, total, detail }) =>
      onProgress?.({
        done: (settings.epochs * done) / total,
        total: settings.epochs,
        unit: 'epochs',
        detail: [detail, epochs.said].filter((part) => part !== undefined).join(', '),
      }),
    onEpoch: (epoch) => epochs.after(epoch),
  });
  const { model, curves, facts } = epochs.result(trained);
  const points = range?.points ?? [];
  return {
    model,
    curves: [
      ...curves,
      ...points.map(({ rate, loss }) => ({
        series: 'range test: loss by log10 of the rate',
        x: Math.log10(rate),
        y: loss,
      })),
      ...trained.losses.map((y, epoch) => ({ series: 'training loss', x: epoch + 1, y })),
    ],
    facts: { ...facts, ...(range && { 'learning rate found': range.rate }) },
  };
}

function settingOf(settings: TrainingSettings, plan: TrainingPlan, problem: DefenseProblem): Setting {
  const { engine, rng, signal, crew, device, feasible, train: data } = problem;
  const { images } = data;
  const attack = plan.attack && batchAttack(plan.attack, problem);
  return {
    ...{ engine, signal, crew, device },
    model: problem.model,
    objective: { terms: plan.terms, weightDecay: settings.weightDecay },
    data: { count: images.count, views: viewsOf(data, settings, plan, problem) },
    inner:
      plan.inner && !attack
        ? { ...plan.inner, from: IMAGES, to: ADVERSARIAL, output: LOGITS, box: images.box, feasible, reach: REACH }
        : undefined,
    batchSize: settings.batchSize,
    ...{ frozen: settings.freeze, perturbation: settings.perturbation },
    batchStatistics: settings.batchNorm === 'train' && engine !== 'tfjs',
    async onBatch(batch) {
      const drawn = rng.split('batches').split(batch.step);
      if (settings.flips || settings.crops > 0) {
        augment(batch.views[IMAGES]!.data, images.shape, settings, drawn.split('augmentation'));
      }
      plan.onBatch?.(batch, drawn.split('plan'));
      await attack?.(batch, drawn.split('attack'));
    },
  };
}

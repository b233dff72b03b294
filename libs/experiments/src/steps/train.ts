import { DeviceLog } from '@rampart/core';
import { architectures, createModel } from '@rampart/models';
import { trainClassifier } from '@rampart/training';

import type { TrainStep } from '../step';
import type { StepContext, StepResult } from './context';
import { modelResult, usedBy } from './model-result';
import { openCheckpoint } from './step-checkpoint';

/** Trains an architecture from seeded initial weights with the cross-entropy of the training images. */
export async function runTrain(step: TrainStep, context: StepContext): Promise<StepResult> {
  const { dataset, rng } = context;
  const initial = await createModel(architectures.resolve(step.architecture).spec, {
    shape: dataset.shape,
    classes: dataset.classes.length,
    box: dataset.box,
    rng: rng.split('weights'),
  });
  const device = step.device && new DeviceLog(step.device);
  const { model, losses } = await trainClassifier({
    ...step.training,
    ...{ engine: step.engine, device },
    model: initial,
    data: dataset.train,
    classes: dataset.classes.length,
    rng: rng.split('train'),
    ...{ signal: context.signal, crew: context.crew },
    checkpoint: openCheckpoint(step.key, context.artifacts.checkpoints, device),
    onProgress: context.onProgress,
  });
  const curves = losses.map((y, epoch) => ({ series: 'training loss', x: epoch + 1, y }));
  return modelResult(
    model,
    { engine: step.engine, curves, facts: { epochs: losses.length }, ...(device && usedBy(step, device)) },
    context,
  );
}

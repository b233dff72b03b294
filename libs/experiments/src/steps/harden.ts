import { attacks } from '@rampart/attacks';
import { DeviceLog, featureCount } from '@rampart/core';
import { defenses } from '@rampart/defenses';

import { feasibleSet } from '../feasible';
import type { HardenStep } from '../step';
import { trainedAgainst } from '../trained-against';
import { artifactOf, type StepContext, type StepResult } from './context';
import { isEquilibrium, SETTLED } from './game';
import { modelResult, usedBy } from './model-result';
import { openCheckpoint } from './step-checkpoint';

/** Builds a defense around a model. */
export async function runHarden(step: HardenStep, context: StepContext): Promise<StepResult> {
  const { dataset } = context;
  const defense = defenses.resolve(step.defense);
  const undefended = await artifactOf(context, step.model, 'model');
  if (step.game && isEquilibrium(step.game, context)) {
    const facts = { [SETTLED]: 'no change within noise in the two rounds before' };
    return modelResult(undefended, { engine: step.engine, curves: [], facts }, context);
  }
  const device = step.device && new DeviceLog(step.device);
  const { model, curves, facts } = await defense.definition.harden(defense.params, {
    model: undefended,
    train: dataset.train,
    classes: dataset.classes.length,
    malicious: dataset.malicious,
    feasible: step.feasible && feasibleSet(step.feasible, featureCount(dataset.shape)),
    attacks,
    ...{ engine: step.engine, device },
    rng: context.rng,
    ...{ signal: context.signal, crew: context.crew },
    checkpoint: openCheckpoint(step.key, context.artifacts.checkpoints, device),
    onProgress: context.onProgress,
  });
  const known = { ...facts, ...trainedAgainst(defense.params) };
  return modelResult(
    model,
    { engine: step.engine, curves, facts: known, ...(device && usedBy(step, device)) },
    context,
  );
}

import { ensembleOf, noteGradient } from '@rampart/models';

import type { EnsembleStep } from '../step';
import { artifactOf, type StepContext, type StepResult } from './context';
import { modelResult } from './model-result';

/** Puts several models together to one. */
export async function runEnsemble(step: EnsembleStep, context: StepContext): Promise<StepResult> {
  const files = await Promise.all(step.members.map((key) => artifactOf(context, key, 'model')));
  const whole = ensembleOf(files, step.answer);
  const model = step.answer === 'vote' ? noteGradient(whole, 'straight-through') : whole;
  return modelResult(model, { engine: 'none', curves: [], facts: { members: files.length } }, context);
}

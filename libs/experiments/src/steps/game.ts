import type { HardenStep, Step } from '../step';
import { inputOf, type StepContext, type StepResult } from './context';
import type { EvaluateOutput, ModelOutput } from './outputs';

/** The fact about a model of a round that came after the end of the repeated game: it is that of the round before. */
export const SETTLED = 'equilibrium';

/** Whether a model is of a round after the end of the game. */
export function isSettled({ facts }: Pick<ModelOutput, 'facts'>): boolean {
  return SETTLED in facts;
}

/**
 * Whether the two rounds before a hardening differ by no more than noise: error rates, clean and under each attack, whose
 * difference is within their 95% intervals put together.
 */
export function isEquilibrium(game: NonNullable<HardenStep['game']>, context: StepContext): boolean {
  const error = (key: string) => {
    const { figures } = inputOf(context, key).output as EvaluateOutput;
    return figures.find(({ metric }) => metric === 'error-rate');
  };
  return game.before.every((key, i) => {
    const [before, after] = [error(key), error(game.after[i]!)];
    if (!before || !after) return false;
    const halves = [before, after].map(({ low, high }) => (high - low) / 2);
    return Math.abs(before.value - after.value) <= Math.hypot(...halves);
  });
}

/** After the end of the game the result of the same step of the round before; undefined for all other steps. */
export function resultBefore(step: Step, context: StepContext): StepResult | undefined {
  if ((step.kind !== 'attack' && step.kind !== 'audit') || step.previous === undefined) return undefined;
  if (!isSettled(inputOf(context, step.model).output as ModelOutput)) return undefined;
  const { output, artifacts } = inputOf(context, step.previous);
  return { output, artifacts };
}

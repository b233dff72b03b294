import { decodeNpy, encodeNpy, type Outcome, REJECTED } from '@rampart/core';

import type { WorstCaseStep } from '../step';
import { commonTarget } from '../targets';
import { attackedTestIndices } from './attacked';
import { artifactOf, inputOf, type StepContext, type StepResult } from './context';
import { targetsOf } from './evaluate';
import { figuresOf } from './figures';
import type { EvaluateOutput } from './outputs';

/**
 * The attacker who, for each instance, takes whichever of several attacks succeeds, with its target before others. What
 * none of them succeeds on counts as rejected where an example of it is.
 */
export async function runWorstCase(step: WorstCaseStep, context: StepContext): Promise<StepResult> {
  const { labels } = context.dataset.test;
  const worst = labels.slice();
  const attacked = attackedTestIndices(context.dataset, step.target);
  const outputs = step.evaluations.map((key) => inputOf(context, key).output as EvaluateOutput);
  const chosen = outputs[0]!.targets ?? [];
  // Of the attacked alone: to an instance of the target's own class it is no error.
  const targets = new Map<number, number | undefined>();
  attacked.forEach((index, position) => targets.set(index, chosen[position] ?? commonTarget(step.target)));
  for (const key of step.evaluations) {
    const predicted = decodeNpy(await artifactOf(context, key, 'predictions')).data as Int32Array;
    predicted.forEach((prediction, index) => {
      const right = worst[index] === labels[index];
      if (
        prediction === REJECTED ? right : prediction !== labels[index] && (right || worst[index] !== targets.get(index))
      ) {
        worst[index] = prediction;
      }
    });
  }
  const outcome: Outcome = {
    classes: context.dataset.classes.length,
    labels,
    predictions: worst,
    rejects: outputs.some(({ figures }) => figures.some(({ metric }) => metric === 'rejection-rate')),
    attacked,
    ...targetsOf(step, chosen),
    distortions: new Float64Array(0),
    iterations: new Int32Array(0),
    forwardEvaluations: new Int32Array(0),
    gradientEvaluations: new Int32Array(0),
  };
  const output: EvaluateOutput = {
    figures: figuresOf(step.metrics, outcome, context.rng),
    ...(chosen.length > 0 && { targets: chosen }),
  };
  const bytes = encodeNpy(worst, [worst.length]);
  return { output, artifacts: [await context.artifacts.write(bytes, { name: 'predictions', extension: 'npy' })] };
}

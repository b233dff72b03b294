import type { Outcome } from '@rampart/core';
import { decodeNpy, encodeNpy } from '@rampart/results';

import type { WorstCaseStep } from '../step';
import { attackedTestIndices } from './attacked';
import { artifactOf, type StepContext, type StepResult } from './context';
import { figuresOf } from './figures';
import type { EvaluateOutput } from './outputs';

/** The attacker who, for each instance, takes whichever of several attacks succeeds, with its target before others. */
export async function runWorstCase(step: WorstCaseStep, context: StepContext): Promise<StepResult> {
  const { labels } = context.dataset.test;
  const worst = labels.slice();
  for (const key of step.evaluations) {
    const predicted = decodeNpy(await artifactOf(context, key, 'predictions')).data as Int32Array;
    predicted.forEach((prediction, index) => {
      if (prediction !== labels[index] && worst[index] !== step.target) worst[index] = prediction;
    });
  }
  const outcome: Outcome = {
    classes: context.dataset.classes.length,
    labels,
    predictions: worst,
    attacked: attackedTestIndices(context.dataset, step.target),
    ...(step.target !== undefined && { target: step.target }),
    distortions: new Float64Array(0),
    iterations: new Int32Array(0),
    forwardEvaluations: new Int32Array(0),
    gradientEvaluations: new Int32Array(0),
  };
  const output: EvaluateOutput = { figures: figuresOf(step.metrics, outcome, context.rng) };
  const bytes = encodeNpy(worst, [worst.length]);
  return { output, artifacts: [await context.artifacts.write(bytes, { name: 'predictions', extension: 'npy' })] };
}

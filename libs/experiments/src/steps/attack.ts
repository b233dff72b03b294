import { attacks } from '@rampart/attacks';
import { evade, Rng, takeLabelled } from '@rampart/core';
import { openForAttack, openVerifier } from '@rampart/models';
import { encodeNpy } from '@rampart/results';

import type { AttackStep } from '../step';
import { attackedTestIndices } from './attacked';
import { artifactOf, type StepContext, type StepResult } from './context';
import type { AttackOutput } from './outputs';

/** Attacks a model on a part of the attacked test instances; the examples become an .npy artifact. */
export async function runAttack(step: AttackStep, context: StepContext): Promise<StepResult> {
  const { dataset } = context;
  const indices = attackedTestIndices(dataset, step.target).subarray(step.first, step.end);
  const model = await artifactOf(context, step.model, 'model');
  const classifier = await openForAttack(model, { box: dataset.box });
  const verifier = await openVerifier(model, { box: dataset.box });
  try {
    const evasion = await evade({
      attack: attacks.resolve(step.attack),
      classifier,
      verifier,
      ...takeLabelled(dataset.test, indices),
      ...(step.target !== undefined && { targets: new Int32Array(indices.length).fill(step.target) }),
      // Split by instance, so that it does not matter how the instances are shared among steps.
      rng: Rng.root(step.seed).split('attack'),
      firstInstance: step.first,
      signal: context.signal,
      onProgress: context.onProgress,
    });
    const { channels, height, width } = dataset.shape;
    const bytes = encodeNpy(evasion.adversarial.data, [indices.length, channels, height, width]);
    const output: AttackOutput = {
      first: step.first,
      evaded: [...evasion.evaded],
      iterations: [...evasion.iterations],
      forwardEvaluations: [...evasion.forwardEvaluations],
      gradientEvaluations: [...evasion.gradientEvaluations],
      corrected: evasion.corrected,
      losses: evasion.losses.map(([evaluations, loss]) => [evaluations, Number(loss.toPrecision(6))] as const),
    };
    return { output, artifacts: [await context.artifacts.write(bytes, { name: 'adversarial', extension: 'npy' })] };
  } finally {
    await classifier.dispose();
    await verifier.dispose();
  }
}

import { attacks } from '@rampart/attacks';
import { evade, type Evasion, featureCount, Rng, takeLabelled } from '@rampart/core';
import { openForAttack, openVerifier } from '@rampart/models';
import { encodeNpy } from '@rampart/results';

import { feasibleSet } from '../feasible';
import type { AttackStep } from '../step';
import { commonTarget, targetLists } from '../targets';
import { attackedTestIndices } from './attacked';
import { bestOf } from './best-of';
import { artifactOf, type StepContext, type StepResult } from './context';
import type { AttackOutput } from './outputs';

/** Attacks a model on a part of the attacked test instances; the examples become an .npy artifact. */
export async function runAttack(step: AttackStep, context: StepContext): Promise<StepResult> {
  const { dataset } = context;
  const indices = attackedTestIndices(dataset, commonTarget(step.target)).subarray(step.first, step.end);
  const model = await artifactOf(context, step.model, 'model');
  const classifier = await openForAttack(model, { box: dataset.box });
  const verifier = await openVerifier(model, { box: dataset.box });
  try {
    // Split by instance, so that it does not matter how the instances are shared among steps.
    const rng = Rng.root(step.seed).split('attack');
    const attacked = takeLabelled(dataset.test, indices);
    const features = featureCount(dataset.shape);
    const lists: readonly (Int32Array | undefined)[] =
      step.target === undefined
        ? [undefined]
        : await targetLists(step.target, {
            ...attacked,
            classifier: verifier,
            rng: (instance) => rng.split(step.first + instance),
          });
    const attack = attacks.resolve(step.attack);
    const evasions: Evasion[] = [];
    for (const [turn, targets] of lists.entries()) {
      evasions.push(
        await evade({
          attack,
          classifier,
          verifier,
          ...attacked,
          ...(targets && { targets }),
          ...(step.feasible && { feasible: feasibleSet(step.feasible, features) }),
          rng: turn === 0 ? rng : rng.split(`target ${turn}`),
          firstInstance: step.first,
          signal: context.signal,
          onProgress: (progress) =>
            context.onProgress?.({
              ...progress,
              done: progress.done + turn * progress.total,
              total: progress.total * lists.length,
            }),
        }),
      );
    }
    const evasion = evasions.length === 1 ? evasions[0]! : bestOf(evasions, attacked.images, attack);
    const { channels, height, width } = dataset.shape;
    const bytes = encodeNpy(evasion.adversarial.data, [indices.length, channels, height, width]);
    const output: AttackOutput = {
      first: step.first,
      evaded: [...evasion.evaded],
      iterations: [...evasion.iterations],
      forwardEvaluations: [...evasion.forwardEvaluations],
      gradientEvaluations: [...evasion.gradientEvaluations],
      corrected: evasion.corrected,
      ...(evasion.stages.length > 0 && { stages: evasion.stages }),
      ...(step.target !== undefined && commonTarget(step.target) === undefined && step.target !== 'each'
        ? { targets: [...lists[0]!] }
        : {}),
      losses: evasion.losses.map(([evaluations, loss]) => [evaluations, Number(loss.toPrecision(6))] as const),
    };
    return { output, artifacts: [await context.artifacts.write(bytes, { name: 'adversarial', extension: 'npy' })] };
  } finally {
    await classifier.dispose();
    await verifier.dispose();
  }
}

import { attacks } from '@rampart/attacks';
import {
  type Attack,
  DeviceLog,
  encodeLossPaths,
  encodeNpy,
  evade,
  type Evasion,
  featureCount,
  Rng,
  takeLabelled,
} from '@rampart/core';
import { openForAttack, openVerifier, withoutGradientNote } from '@rampart/models';

import { feasibleSet } from '../feasible';
import type { AttackStep } from '../step';
import { commonTarget, targetLists } from '../targets';
import { attackedTestIndices } from './attacked';
import { bestOf } from './best-of';
import { artifactOf, type StepContext, type StepResult } from './context';
import type { AttackOutput, HeldTo } from './outputs';

/** What the file of an attack step is called that has its feasible set, as JSON. */
export const FEASIBLE_FILE = 'feasible';

/** What the file is called that has how the loss of each instance fell: `LossPaths`. Missing in older results. */
export const LOSSES_FILE = 'losses';

/** Attacks a model on a part of the attacked test instances; the examples become an .npy artifact. */
export async function runAttack(step: AttackStep, context: StepContext): Promise<StepResult> {
  const { dataset } = context;
  const indices = attackedTestIndices(dataset, step.target).subarray(step.first, step.end);
  const model = await artifactOf(context, step.model, 'model');
  const device = step.device && new DeviceLog(step.device);
  const classifier = await openForAttack(step.naive ? withoutGradientNote(model) : model, {
    ...{ box: dataset.box, device, aimed: step.target !== undefined },
  });
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
            indices,
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
      heldTo: heldTo(attack, step),
      ...(device && { device: { model: step.model, sessions: device.uses() } }),
    };
    const artifacts = [await context.artifacts.write(bytes, { name: 'adversarial', extension: 'npy' })];
    if (evasion.paths) {
      const paths = encodeLossPaths(evasion.paths);
      artifacts.push(await context.artifacts.write(paths, { name: LOSSES_FILE, extension: 'npy' }));
    }
    if (step.feasible) {
      const text = Buffer.from(JSON.stringify(step.feasible));
      artifacts.push(await context.artifacts.write(text, { name: FEASIBLE_FILE, extension: 'json' }));
    }
    return { output, artifacts };
  } finally {
    await classifier.dispose();
    await verifier.dispose();
  }
}

/** What whoever judges the examples again holds them to. */
function heldTo(attack: Attack, { target }: AttackStep): HeldTo {
  const threat = attack.definition.threat(attack.params);
  return {
    attack: attack.label,
    norm: threat.norm,
    ...(threat.norm !== 'none' && Number.isFinite(threat.epsilon) && { epsilon: threat.epsilon }),
    // Of one for each instance the step's output has those of its own.
    ...(target !== undefined && typeof target !== 'object' && { target }),
  };
}

import {
  type Attack,
  type ComponentSpec,
  type DefenseProblem,
  featureCount,
  imageBatch,
  predictions,
  RampartError,
  type Rng,
  takeLabelled,
} from '@rampart/core';
import type { Batch } from '@rampart/training';

import { attackModel } from '../adversarial-examples';
import { ADVERSARIAL, IMAGES, LABELS, REACH } from './training-plan';

/** Makes the adversarial rows of a batch by an attack of the user's choice, at the weights of that step. */
export type BatchAttack = (batch: Batch, rng: Rng) => Promise<void>;

/** @throws RampartError `usage` where the attack looks for the nearest example instead of one within a budget */
export function batchAttack(spec: ComponentSpec, problem: DefenseProblem): BatchAttack {
  const { attacks, feasible, signal, crew } = problem;
  const { shape, box } = problem.train.images;
  const attack = withBudget(attacks.resolve(spec));
  return async ({ views, model }, rng) => {
    const originals = Float32Array.from(views[IMAGES]!.data);
    const rows = views[LABELS]!;
    const batch = {
      images: imageBatch(originals, shape, box),
      labels: predictions(rows.data, rows.shape[0]!),
    };
    const attacked = [...batch.labels.keys()].filter((i) => views[REACH]!.data[i]! > 0);
    const { adversarial } = await attackModel(await model(), attack, takeLabelled(batch, attacked), rng, {
      ...{ attacks, feasible, signal, crew },
    });
    const features = featureCount(shape);
    const made = views[ADVERSARIAL]!.data;
    made.set(originals);
    attacked.forEach((i, at) => made.set(adversarial.data.subarray(at * features, (at + 1) * features), i * features));
  };
}

function withBudget(attack: Attack): Attack {
  const threat = attack.definition.threat(attack.params);
  if (threat.norm !== 'none' && threat.epsilon < Infinity) return attack;
  throw new RampartError({
    code: 'usage',
    message: `The inner attack "${attack.label}" has no budget: it would take as much change as it likes. Expected one with an epsilon, such as pgd(epsilon=0.1).`,
  });
}

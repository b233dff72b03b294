import type { Attack } from '@rampart/core';

import { attacks as registry, components } from './components';
import type { Experiment } from './experiment';

/** Draws that each answer of a model that draws random numbers is the mean of. */
export const DRAWS = 8;

export const AVERAGING_NOTE = `Attacks that can follow the mean of ${DRAWS} draws at each point (EOT, samples=${DRAWS}), as a model draws random numbers.`;

/**
 * An experiment on a model that draws random numbers: its attacks ask several times about each point and follow the mean
 * (EOT; Athalye et al. 2018, section 4.1), unless they do so already. Attacks that cannot stay as they are.
 */
export function withAveraging(experiment: Experiment): Experiment {
  const averaged = new Map(experiment.attacks.map((attack) => [attack, averagedAttack(attack)]));
  const of = (attack: Attack) => averaged.get(attack) ?? averagedAttack(attack);
  return {
    ...experiment,
    attacks: experiment.attacks.map(of),
    threats: experiment.threats.map(({ threat, fills }) => ({
      threat,
      fills: fills.map((fill) => ({ ...fill, attack: of(fill.attack) })),
    })),
    sweeps: experiment.sweeps.map((sweep) => ({
      ...sweep,
      points: sweep.points.map(({ value, attack }) => ({ value, attack: of(attack) })),
    })),
  };
}

/** An attack that follows the mean of several draws, where it can. */
export function averagedAttack(attack: Attack): Attack {
  const { definition, params, spec } = attack;
  const draws = definition.samples?.(params) ?? params['samples'];
  if (definition.family === undefined || draws !== 1) return attack;
  return registry.resolve({ ...spec, params: { ...spec.params, samples: DRAWS } }, components);
}

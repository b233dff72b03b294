import {
  type Attack,
  type Evasion,
  featureCount,
  type ImageBatch,
  joinLossPaths,
  NORMS,
  takeLossPaths,
} from '@rampart/core';

/**
 * Several runs of an attack on the same instances as one: of each instance the example that evades, of several the
 * nearest in the attack's norm; evaluations are added up.
 */
export function bestOf(evasions: readonly Evasion[], originals: ImageBatch, attack: Attack): Evasion {
  const first = evasions[0]!;
  const features = featureCount(originals.shape);
  const { norm } = attack.definition.threat(attack.params);
  const { distance } = NORMS[norm === 'none' ? 'l2' : norm];
  const data = first.adversarial.data.slice();
  const predictions = first.predictions.slice();
  const evaded = first.evaded.slice();
  /** The evasion that each example is of. */
  const origin = new Int32Array(originals.count);
  for (const [place, { adversarial, ...other }] of evasions.entries()) {
    if (place === 0) continue;
    for (let i = 0; i < originals.count; i++) {
      const from = i * features;
      const nearer = () =>
        distance(adversarial.data, originals.data, from, features) < distance(data, originals.data, from, features);
      if (other.evaded[i] === 0 || (evaded[i] === 1 && !nearer())) continue;
      data.set(adversarial.data.subarray(from, from + features), from);
      predictions[i] = other.predictions[i]!;
      evaded[i] = 1;
      origin[i] = place;
    }
  }
  const paths = evasions.flatMap((evasion) => evasion.paths ?? []);
  const sum = (key: 'iterations' | 'forwardEvaluations' | 'gradientEvaluations') =>
    first[key].map((_, i) => evasions.reduce((total, evasion) => total + evasion[key][i]!, 0));
  return {
    ...first,
    ...(paths.length === evasions.length && {
      paths: takeLossPaths(
        joinLossPaths(paths),
        Array.from(origin, (place, i) => place * originals.count + i),
      ),
    }),
    adversarial: { ...first.adversarial, data },
    predictions,
    evaded,
    iterations: sum('iterations'),
    forwardEvaluations: sum('forwardEvaluations'),
    gradientEvaluations: sum('gradientEvaluations'),
    stages: [],
    corrected: Math.max(...evasions.map(({ corrected }) => corrected)),
  };
}

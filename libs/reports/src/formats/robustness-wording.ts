import type { OptimalityTable } from '../report/optimality';
import { knowledgeText, type Peculiarities } from '../report/peculiarities';
import type { RobustnessDiagram } from '../report/robustness-diagrams';
import type { ThreatTable } from '../report/threat-tables';

/** What the figures of an attack under a threat are, in the order of `attackCells`. */
export const ATTACK_COLUMNS: readonly string[] = [
  ...['robust accuracy', 'so far', 'success', 'distance', 'gradients', 'forwards', 'seconds'],
];

/** What the figures of a ranked attack are, in the order of `optimalityCells`. */
export const OPTIMALITY_COLUMNS: readonly string[] = [
  ...['optimality', 'success', 'distance', 'gradients', 'forwards', 'seconds'],
];

export const ROBUSTNESS_NOTE =
  'Of the whole test set, robust accuracy is the part that is right and stays right, attacked or not. The worst case takes for each instance the attack that succeeds: it is the figure that counts.';

/** What the columns of a threat's table say. */
export const TERMS: readonly (readonly [term: string, meaning: string])[] = [
  ['certified', 'right whatever the attack: the certified accuracy in the smallest l2 ball around the threat'],
  ['so far', 'under this attack and those above it'],
  ['indented', 'a component of the ensemble above it: what its components leave robust up to there'],
  ['success', 'of the attackable instances: those attacked that were right before'],
  ['distance', 'median of the nearest examples; "-" for attacks with a budget, and where half of the instances resist'],
  ['gradients, forwards, seconds', 'means an attacked instance, the seconds on one thread'],
];

export const OPTIMALITY_NOTE =
  'Optimality: how near the curve of an attack comes to the worst case over all attacks of the norm; 0% is no attack, 100% that no other found a nearer example (AttackBench, Cinà et al. 2025). Success: of the attackable instances, at any distance.';

/** What the tables of error rates say in a run with threats. */
export const ERROR_RATE_NOTE =
  'Below, error rates and distortion count whatever an attack found, however far it went. Within the threats, see robust accuracy.';

/** How the examples of figures about these models were made. */
export function modeText(
  mode: ThreatTable['mode'],
  models: readonly string[] = [],
  peculiarities: Peculiarities = new Map(),
): string {
  return mode === 'static'
    ? 'replayed examples (static, transfer)'
    : `attacks on the model itself (adaptive, ${knowledgeText(models, peculiarities)})`;
}

/** What replayed examples say. */
const STATIC_NOTE = 'Made against the undefended model and replayed on each model. No measure of robustness by itself.';

/** What a reader of a threat's table must know. */
export function threatNotes({ mode, models }: ThreatTable): string[] {
  const notes = models.flatMap(({ model, notes: own }) =>
    own.map((note) => (models.length > 1 ? `${model}: ${note}` : note)),
  );
  return mode === 'static' ? [STATIC_NOTE, ...notes] : notes;
}

export function threatTitle({ threat, mode, models }: ThreatTable, peculiarities: Peculiarities): string {
  const labels = models.map(({ model }) => model);
  return `Robust accuracy under ${threat}: ${modeText(mode, labels, peculiarities)}`;
}

export function curveTitle({ norm, mode, panels }: RobustnessDiagram, peculiarities: Peculiarities): string {
  const labels = panels.map(({ model }) => model);
  return `Robust accuracy against epsilon, ${norm}: ${modeText(mode, labels, peculiarities)}`;
}

/** @param several whether other models have such tables */
export function optimalityTitle({ norm, model }: OptimalityTable, several: boolean): string {
  return `Attacks by optimality, ${norm}${several ? `: ${model}` : ''}`;
}

import type { AttackDefinition } from '@rampart/core';

import { type AttackCheckOptions, AttackTrial } from './attack-trial';
import { describeLaws, judge, type Law, type LawCheck } from './law';

export type { AttackCheckOptions } from './attack-trial';

/**
 * Proves that an attack behaves, on reference models with exact gradients. Every law is named in `Law.name`.
 * An attack that neither ends nor asks the model anything blocks the caller: run foreign code in a process of its
 * own and give that a time limit.
 */
export async function checkAttack(definition: AttackDefinition, options: AttackCheckOptions = {}): Promise<Law[]> {
  return judge(attackLaws(definition, options));
}

/** `checkAttack` as one test a law: the whole spec of an attack can be this line. */
export function describeAttack(definition: AttackDefinition, options: AttackCheckOptions = {}): void {
  describeLaws(`attack ${definition.name}`, attackLaws(definition, options));
}

/** The laws of attacks, as checks to run. */
export function attackLaws(definition: AttackDefinition, options: AttackCheckOptions): LawCheck[] {
  const trial = new AttackTrial(definition, options);
  return [
    { name: 'runs to its end without an error', check: () => trial.runsToItsEnd() },
    { name: 'returns one finite candidate an instance', check: () => trial.returnsFiniteCandidates() },
    { name: 'does something', check: () => trial.doesSomething() },
    { name: 'works towards a target class', check: () => trial.worksTowardsTargets() },
    { name: 'stays inside the pixel box', check: () => trial.staysInBox() },
    { name: 'stays within its budget', check: () => trial.staysInBudget() },
    { name: 'leaves the original images alone', check: () => trial.leavesOriginals() },
    { name: 'gives the same result for every batch size', check: () => trial.ignoresBatchSize() },
    { name: 'gives the same result for every order of the instances', check: () => trial.ignoresOrder() },
    { name: 'gives the same result whatever is attacked with it', check: () => trial.ignoresOthers() },
    { name: 'returns the best that it has seen', check: () => trial.losesNoSuccess() },
    { name: 'keeps to the feasible set', check: () => trial.keepsToFeasibleSet() },
    { name: 'gives the same bytes for the same seed', check: () => trial.repeatsItself() },
    { name: 'gives other results for another seed, if it is random', check: () => trial.usesTheSeed() },
    { name: 'counts its iterations', check: () => trial.countsIterations() },
    { name: 'copes with gradients that vanish', check: () => trial.copesWithFlatModel() },
    { name: 'stops when the signal fires', check: () => trial.stopsAtSignal() },
    { name: 'knows labels through the problem only', check: () => trial.readsContractOnly() },
  ];
}

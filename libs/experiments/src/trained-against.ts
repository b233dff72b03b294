import type { ComponentSpec } from '@rampart/core';

import { attacks } from './components';

/**
 * The facts about a model that tell what its defense was trained with: the attacks that its parameters name, and the
 * largest ball of theirs where they have one and share its norm.
 * @param params a defense's, resolved
 */
export function trainedAgainst(params: Readonly<Record<string, unknown>>): Record<string, number | string> {
  const named = [params['attack'], params['attacks']].flat().filter(isSpec);
  if (named.length === 0) return {};
  const trained = named.map((spec) => attacks.resolve(spec));
  const threats = trained.map(({ definition, params: own }) => ({ epsilon: Infinity, ...definition.threat(own) }));
  const norms = new Set(threats.map(({ norm }) => norm));
  const epsilon = Math.max(...threats.map((threat) => threat.epsilon));
  const ball = norms.size === 1 && !norms.has('none');
  return {
    'trained with': trained.map(({ label }) => label).join(' + '),
    ...(ball && { 'trained norm': threats[0]!.norm }),
    ...(ball && Number.isFinite(epsilon) && { 'trained epsilon': epsilon }),
  };
}

function isSpec(value: unknown): value is ComponentSpec {
  return typeof value === 'object' && value !== null && 'name' in value && 'params' in value;
}

import { attacks } from './components';

/**
 * The facts about a model that tell what its defense was trained with: the attack that its parameters name, and the ball
 * of that attack where it has one.
 * @param params a defense's, resolved
 */
export function trainedAgainst(params: Readonly<Record<string, unknown>>): Record<string, number | string> {
  const spec = params['attack'] as { readonly name?: unknown; readonly params?: unknown } | undefined;
  if (typeof spec?.name !== 'string' || typeof spec.params !== 'object') return {};
  const { definition, params: own, label } = attacks.resolve(spec as Parameters<typeof attacks.resolve>[0]);
  const { norm, epsilon } = { epsilon: Infinity, ...definition.threat(own) };
  return {
    'trained with': label,
    ...(norm !== 'none' && { 'trained norm': norm }),
    ...(norm !== 'none' && Number.isFinite(epsilon) && { 'trained epsilon': epsilon }),
  };
}

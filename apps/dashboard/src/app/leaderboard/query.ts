import type { AppRouter } from '@rampart/api';
import type { inferProcedureInput } from '@trpc/server';

export type LeaderboardInput = NonNullable<inferProcedureInput<AppRouter['leaderboard']['rows']>>;

const NORMS = ['linf', 'l2', 'l1', 'l0'] as const;

/** What the address of the leaderboard asks for; anything that it does not know is left out. */
export function leaderboardQuery(params: { get(name: string): string | null }): LeaderboardInput {
  const text = (name: string, most: number) => params.get(name)?.slice(0, most) || undefined;
  const norm = NORMS.find((one) => one === params.get('norm'));
  const epsilon = Number(params.get('epsilon'));
  const dataset = text('dataset', 300);
  const threat = text('threat', 60);
  return {
    ...(dataset && { dataset }),
    ...(threat && { threat }),
    ...(norm && epsilon > 0 && epsilon <= 1e6 && { at: { norm, epsilon } }),
    ...(params.get('archived') === '1' && { archived: true }),
    mode: params.get('mode') === 'static' ? 'static' : 'adaptive',
  };
}

export const ORDERS = ['robust', 'certified', 'clean', 'model', 'run', 'cost', 'started'] as const;

export type Order = (typeof ORDERS)[number];

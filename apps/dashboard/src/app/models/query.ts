import type { AppRouter } from '@rampart/api';
import type { inferProcedureInput } from '@trpc/server';

type ListInput = inferProcedureInput<AppRouter['models']['list']>;

const ORDERS = ['latest', 'label', 'parameters', 'dataset', 'clean-error'] as const;

export type ModelOrder = (typeof ORDERS)[number];

/** What the address of the models asks for; anything it does not know is left out. */
export function modelsQuery(params: { get(name: string): string | null }): ListInput & { readonly order: ModelOrder } {
  const search = params.get('search')?.slice(0, 200) || undefined;
  const tag = params.get('tag')?.slice(0, 60) || undefined;
  const order = ORDERS.find((one) => one === params.get('order')) ?? 'latest';
  const page = Number(params.get('page') ?? 1);
  return {
    ...(search && { search }),
    ...(tag && { tag }),
    order,
    descending: params.get('dir') ? params.get('dir') === 'desc' : order === 'latest',
    page: Number.isInteger(page) && page >= 1 && page <= 100_000 ? page : 1,
  };
}

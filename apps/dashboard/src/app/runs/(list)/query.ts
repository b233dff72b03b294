import type { AppRouter } from '@rampart/api';
import type { inferProcedureInput } from '@trpc/server';

type ListInput = inferProcedureInput<AppRouter['runs']['list']>;

const STATES = ['running', 'done', 'failed', 'cancelled', 'interrupted'] as const;
/** Where lists do not look of themselves. */
const SHELVES = ['archived', 'deleted'] as const;
const ORDERS = ['started', 'name', 'dataset', 'duration', 'robust-accuracy'] as const;

/** What the address of the list asks for; anything it does not know is left out. */
export function listQuery(params: { get(name: string): string | null }): ListInput {
  const text = (name: string) => params.get(name)?.slice(0, 200) || undefined;
  const order = ORDERS.find((one) => one === params.get('order')) ?? 'started';
  const page = Number(params.get('page') ?? 1);
  const search = text('search');
  const dataset = text('dataset');
  const tag = text('tag')?.slice(0, 60);
  const shelf = SHELVES.find((one) => one === params.get('shelf'));
  const state = STATES.find((one) => one === params.get('state'));
  return {
    ...(search && { search }),
    ...(dataset && { dataset }),
    ...(tag && { tag }),
    ...(state && { state }),
    ...(shelf && { shelf }),
    order,
    descending: params.get('dir') ? params.get('dir') === 'desc' : order === 'started' || order === 'robust-accuracy',
    page: Number.isInteger(page) && page >= 1 && page <= 100_000 ? page : 1,
  };
}

import type { AppRouter } from '@rampart/api';
import type { inferProcedureInput } from '@trpc/server';

type PageInput = inferProcedureInput<AppRouter['gallery']['page']>;

/** In which order instances come; the first is what an address without one asks for. */
export const ORDERS = ['evaded', 'distortion', 'confidence', 'position'] as const;

const OUTCOMES = ['evaded', 'resisted', 'unmoved', 'misclassified'] as const;

/** What the address of a gallery asks for. */
export function galleryQuery(
  id: string,
  params: { get(name: string): string | null },
): PageInput & { page: number; order: (typeof ORDERS)[number] } {
  const page = Number(params.get('page') ?? 1);
  const model = params.get('model')?.slice(0, 300);
  const attack = params.get('attack')?.slice(0, 300);
  const outcome = OUTCOMES.find((one) => one === params.get('outcome'));
  return {
    id,
    mode: params.get('mode') === 'static' ? 'static' : 'adaptive',
    ...(model && { model }),
    ...(attack && { attack }),
    ...(outcome && { outcome }),
    ...seedOf(params),
    order: ORDERS.find((one) => one === params.get('order')) ?? ORDERS[0],
    page: Number.isInteger(page) && page >= 1 && page <= 1_000_000 ? page : 1,
  };
}

export function seedOf(params: { get(name: string): string | null }): { seed?: number } {
  const text = params.get('seed');
  return text !== null && /^\d{1,10}$/.test(text) ? { seed: Number(text) } : {};
}

import type { AppRouter } from '@rampart/api';
import type { inferProcedureOutput } from '@trpc/server';

export type InstanceData = inferProcedureOutput<AppRouter['gallery']['instance']>;
export type InstanceItem = InstanceData['items'][number];

/** What an address names of a sample's attacks; else the first that evades, else the first of all. */
export function chosenItem<T extends Pick<InstanceItem, 'model' | 'attack' | 'outcome'>>(
  items: readonly T[],
  wanted: { readonly model?: string | undefined; readonly attack?: string | undefined },
): T | undefined {
  const fitting = items.filter(
    ({ model, attack }) =>
      (wanted.model === undefined || model === wanted.model) &&
      (wanted.attack === undefined || attack === wanted.attack),
  );
  const among = fitting.length > 0 ? fitting : items;
  return among.find(({ outcome }) => outcome === 'evaded') ?? among[0];
}

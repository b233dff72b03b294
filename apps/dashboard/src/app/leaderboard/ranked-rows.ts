import type { LeaderboardRow } from '@rampart/api';

import { type Order, ORDERS } from './query';

export interface Sorting {
  readonly order: Order;
  readonly descending: boolean;
}

/** Which rows are shown of those that were answered. */
export interface Filters {
  /** In lower case. */
  readonly search: string;
  readonly defended: boolean;
  readonly established: boolean;
}

interface Params {
  get(name: string): string | null;
}

export function sortingOf(params: Params): Sorting {
  const order = ORDERS.find((one) => one === params.get('order')) ?? 'robust';
  return { order, descending: params.get('dir') ? params.get('dir') === 'desc' : !['model', 'run'].includes(order) };
}

export function filtersOf(params: Params): Filters {
  return {
    search: (params.get('search') ?? '').toLowerCase(),
    defended: params.get('defended') === '1',
    established: params.get('established') === '1',
  };
}

/** Equal ones stay in the order that they came in. */
export function sorted(rows: readonly LeaderboardRow[], { order, descending }: Sorting): LeaderboardRow[] {
  const keyed = rows.map((row) => ({ row, key: keyOf(row, order) }));
  return keyed.sort((a, b) => (descending ? -1 : 1) * compared(a.key, b.key)).map(({ row }) => row);
}

export function filtered(rows: readonly LeaderboardRow[], { search, defended, established }: Filters) {
  return rows.filter(
    (one) =>
      (!defended || !one.undefended) &&
      (!established || one.doubts.length === 0) &&
      (search === '' || searchedText(one).includes(search)),
  );
}

/** A row's text is put together once, not at every letter that is typed. */
const texts = new WeakMap<LeaderboardRow, string>();

function searchedText(row: LeaderboardRow): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = [row.model, row.run.name, row.attacks.join(), ...row.run.tags].join(' ').toLowerCase();
  texts.set(row, text);
  return text;
}

function keyOf(row: LeaderboardRow, order: Order): string | number {
  switch (order) {
    case 'robust':
      return row.robustAccuracy.value;
    case 'certified':
      return row.certifiedAccuracy?.value ?? -1;
    case 'clean':
      return row.cleanAccuracy?.value ?? -1;
    case 'cost':
      return row.gradients ?? -1;
    case 'started':
      return row.run.startedAt;
    case 'run':
      return row.run.name.toLowerCase();
    case 'model':
      return row.model.toLowerCase();
  }
}

function compared(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

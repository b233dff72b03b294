import { RampartError } from '@rampart/core';
import type { Kysely } from 'kysely';

import type { StoreSchema } from './schema';

/** Lists that can be filtered and sorted. */
export const VIEW_PLACES = ['runs', 'leaderboard', 'models'] as const;

export type ViewPlace = (typeof VIEW_PLACES)[number];

/** Filters, order and columns of a list, under a name. */
export interface ViewRecord {
  readonly name: string;
  /** As the page's address has them: `state=done&order=name`. */
  readonly query: string;
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Views that somebody has kept for everybody. */
export class ViewStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
  ) {}

  /** By name. */
  async list(place: ViewPlace): Promise<ViewRecord[]> {
    return this.db
      .selectFrom('views')
      .select(['name', 'query', 'author', 'at'])
      .where('place', '=', place)
      .orderBy('name')
      .execute();
  }

  /** @throws RampartError `usage` for a name that another view of the place has */
  async add(place: ViewPlace, view: Omit<ViewRecord, 'at'>): Promise<void> {
    await this.db
      .insertInto('views')
      .values({ place, ...view, at: this.now() })
      .onConflict((conflict) => conflict.columns(['place', 'name']).doNothing())
      .execute();
    const there = (await this.list(place)).find(({ name }) => name === view.name);
    if (there?.query === view.query) return;
    throw new RampartError({
      code: 'usage',
      message: `There is a view named "${view.name}" already, which shows something else. Choose another name, or remove that one first.`,
    });
  }

  /** Does nothing where there is none. */
  async remove(place: ViewPlace, name: string): Promise<void> {
    await this.db.deleteFrom('views').where('place', '=', place).where('name', '=', name).execute();
  }
}

import { createHash, randomBytes } from 'node:crypto';

import { RampartError } from '@rampart/core';
import type { Kysely } from 'kysely';

import type { StoreSchema } from './schema';

/** What a token lets its bearer do: look at everything, or change things too. */
export const ROLES = ['read', 'write'] as const;

export type Role = (typeof ROLES)[number];

/** Somebody who has a token. */
export interface TokenRecord {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
}

/** Bytes of chance in a token: too many to be guessed, so that a fast hash keeps it. */
const BYTES = 32;
const NAME = /^[\w.@-]{1,80}$/;

/** Who may come over the network. Of a token itself the store has the SHA-256 alone. */
export class TokenStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
  ) {}

  /**
   * @returns the token, which nobody can be told again
   * @throws RampartError `usage` for a name that is taken, or none
   */
  async add(name: string, role: Role): Promise<string> {
    if (!NAME.test(name)) {
      throw new RampartError({
        code: 'usage',
        message: `"${name}" cannot name a token. Expected 1 to 80 letters, digits, dots, dashes, underscores and @.`,
      });
    }
    const token = `rampart-${randomBytes(BYTES).toString('base64url')}`;
    const { numInsertedOrUpdatedRows } = await this.db
      .insertInto('tokens')
      .values({ name, hash: hashOf(token), role, created_at: this.now() })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 1n) return token;
    throw new RampartError({
      code: 'usage',
      message: `There is a token named "${name}" already. Remove it first, or choose another name.`,
    });
  }

  /** Whose token it is; undefined when it is nobody's. */
  async find(token: string): Promise<TokenRecord | undefined> {
    const row = await this.db.selectFrom('tokens').selectAll().where('hash', '=', hashOf(token)).executeTakeFirst();
    return row && { name: row.name, role: row.role as Role, createdAt: row.created_at };
  }

  async list(): Promise<TokenRecord[]> {
    const rows = await this.db.selectFrom('tokens').selectAll().orderBy('name').execute();
    return rows.map(({ name, role, created_at }) => ({ name, role: role as Role, createdAt: created_at }));
  }

  /** @throws RampartError `usage` when there is none of that name */
  async remove(name: string): Promise<void> {
    const { numDeletedRows } = await this.db.deleteFrom('tokens').where('name', '=', name).executeTakeFirst();
    if (numDeletedRows === 1n) return;
    throw new RampartError({
      code: 'usage',
      message: `There is no token named "${name}". "rampart token list" names those that there are.`,
    });
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

import type { Kysely } from 'kysely';

import { fromJson } from './from-json';
import type { StoreSchema } from './schema';

/** The name of the document about a model file, by the file's checksum. */
export function inspectionKey(checksum: string): string {
  return `inspection:${checksum}`;
}

/** The name of the document about a hardened model's file in the form of its original, by the model's checksum. */
export function hardenedKey(checksum: string): string {
  return `hardened:${checksum}`;
}

/** The name of the document that says where the files are, where that is not the store's own folder. */
export const ARTIFACTS = 'artifacts';

/**
 * Plain JSON by name, for what one process finds out and another shows:
 * - `catalog`: the components that this installation has, by kind;
 * - `inspectionKey(checksum)`: what was found out about a model file;
 * - `hardenedKey(checksum)`: the checksum of a hardened model's file in the form of its original, as `file`;
 * - `ARTIFACTS`: where the files are, see `storeArtifacts`.
 */
export class DocumentStore {
  constructor(
    private readonly db: Kysely<StoreSchema>,
    private readonly now: () => number,
  ) {}

  /** Writes a document in the place of the one before. */
  async put(key: string, value: unknown): Promise<void> {
    const row = { value: JSON.stringify(value ?? null), updated_at: this.now() };
    await this.db
      .insertInto('documents')
      .values({ key, ...row })
      .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
      .execute();
  }

  async get(key: string): Promise<unknown> {
    const row = await this.db.selectFrom('documents').select('value').where('key', '=', key).executeTakeFirst();
    return row && fromJson<unknown>(row.value, 'documents.value');
  }

  /** Of every document that is about what the store has, not about where it is. */
  async keys(): Promise<string[]> {
    const rows = await this.db.selectFrom('documents').select('key').where('key', '!=', ARTIFACTS).execute();
    return rows.map(({ key }) => key);
  }

  /** Does nothing where there is none. */
  async remove(key: string): Promise<void> {
    await this.db.deleteFrom('documents').where('key', '=', key).execute();
  }
}

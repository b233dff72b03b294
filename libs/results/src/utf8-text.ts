import { isUtf8 } from 'node:buffer';

import type { DatabaseSyncInstance } from '@photostructure/sqlite';

/** Gives a connection the function `is_utf8(blob)`: SQLite stores any bytes as text, and drivers read what is none as U+FFFD. */
export function addIsUtf8(database: DatabaseSyncInstance): void {
  database.function('is_utf8', { deterministic: true }, (value: unknown) => Number(isUtf8(value as Uint8Array)));
}

/** Stands in what was read for bytes that are no UTF-8; or it was stored. */
export const REPLACEMENT = '\uFFFD';

/** Whether each text of a column is UTF-8. The connection must have `is_utf8`. */
export function holdsUtf8(database: DatabaseSyncInstance, table: string, column: string): boolean {
  const text = quoted(column);
  const rows = database.prepare(
    `select 1 from ${quoted(table)} where typeof(${text}) = 'text' and not is_utf8(cast(${text} as blob)) limit 1`,
  );
  return rows.all().length === 0;
}

/** A name as SQL has it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

import { messageOf, RampartError, throwIfCancelled } from '@rampart/core';
import type { FileMetaData } from 'hyparquet';

import type { Cell, Table } from './table';

/**
 * Reads a Parquet file whose columns are plain: numbers, truth values (as 0 and 1) or texts.
 * @param name what messages call it
 * @throws RampartError `bad-data` when it is damaged, or a column holds something else
 */
export async function readParquet(bytes: Uint8Array, name: string, signal?: AbortSignal): Promise<Table> {
  const file = new Uint8Array(bytes).buffer;
  try {
    // Loaded where they are needed: no other command is to wait for them.
    const { parquetMetadata, parquetReadObjects, parquetSchema } = await import('hyparquet');
    const metadata = parquetMetadata(file);
    const { children } = parquetSchema(metadata);
    const columns = children.map(({ element }) => element.name);
    if (children.some((column) => column.children.length > 0)) throw new Error('a column holds columns');
    // Of a damaged file a name may be missing, whatever the types say.
    if (columns.length === 0 || !columns.every((column: unknown) => typeof column === 'string')) {
      throw new Error('it has no columns with names');
    }
    if (new Set(columns).size < columns.length) throw new Error('two columns have one name');
    checkSizes(metadata, file.byteLength);
    throwIfCancelled(signal);
    // Its WebAssembly reserves gigabytes of addresses.
    const { compressors } = await import('hyparquet-compressors');
    const rows: Cell[][] = [];
    for (const group of metadata.row_groups) {
      const part = { ...metadata, row_groups: [group], num_rows: group.num_rows };
      const read: Cell[][] = [];
      // A column at a time: of several, where one cannot be begun, what becomes of the others is nobody's.
      for (const column of columns) {
        const objects = await parquetReadObjects({ file, metadata: part, columns: [column], compressors });
        read.push(objects.map((row) => cell(row[column], column)));
        throwIfCancelled(signal);
      }
      for (let row = 0; row < Number(group.num_rows); row++) rows.push(read.map((cells) => cells[row]));
    }
    return { name, columns, rows };
  } catch (error) {
    throwIfCancelled(signal);
    throw new RampartError({
      code: 'bad-data',
      message: `${name}: expected a Parquet file of plain columns. Received one that is damaged or holds something else (${plainText(messageOf(error))}).`,
      cause: error,
    });
  }
}

/** A row takes a part of a byte at least, unless all of its column is one value. */
const MOST_ROWS_A_BYTE = 1e4;

/** Room for rows and pages is made before they are read. */
function checkSizes({ num_rows, row_groups }: FileMetaData, size: number): void {
  const rows = row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (Number(num_rows) !== rows || rows < 0 || rows > size * MOST_ROWS_A_BYTE) {
    throw new Error(`its head claims ${num_rows} rows and its parts ${rows} in ${size} bytes`);
  }
  for (const { columns } of row_groups) {
    for (const { meta_data: column } of columns) {
      const claimed = Number(column?.num_values ?? 0);
      if (claimed < 0 || claimed > size * MOST_ROWS_A_BYTE) throw new Error(`a column claims ${claimed} values`);
    }
  }
}

function cell(value: unknown, column: string): Cell {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  throw new Error(`column ${JSON.stringify(column)} has values that are no number, truth value or text`);
}

function plainText(text: string): string {
  return text
    .split('\n')[0]!
    .replace(/[\u0000-\u001f]/g, ' ')
    .slice(0, 200);
}

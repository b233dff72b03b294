import { messageOf, RampartError } from '@rampart/core';
import { parse } from 'csv-parse/sync';

import { cellOf, type Table } from './table';

const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Reads a CSV file: comma, semicolon, tab or bar between cells, whichever its first line has most of. Without a line of
 * names its columns are called by their numbers.
 * @param name what messages call it
 * @throws RampartError `bad-data` when its lines differ in length, a quote is never closed, or it is no text
 */
export function readCsv(bytes: Uint8Array, name: string): Table {
  const lines = parseLines(bytes, name);
  const [first, ...rest] = lines;
  if (!first) throw bad(name, 'a table with rows', 'an empty file');
  const headless = first.every((text) => typeof cellOf(text) === 'number');
  const columns = headless ? first.map((_, column) => String(column)) : first.map((text) => text.trim());
  const twice = columns.find((column, at) => columns.indexOf(column) !== at);
  if (twice !== undefined) throw bad(name, 'a name of its own for each column', `two called ${JSON.stringify(twice)}`);
  return { name, columns, rows: (headless ? lines : rest).map((line) => line.map(cellOf)) };
}

function parseLines(bytes: Uint8Array, name: string): string[][] {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw bad(name, 'a text in UTF-8', 'bytes that are none', error);
  }
  const first = text.slice(0, text.search(/[\r\n]|$/));
  const count = (delimiter: string) => first.split(delimiter).length;
  const delimiter = DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best));
  try {
    return parse(text, { delimiter, bom: true, skip_empty_lines: true, relax_quotes: false });
  } catch (error) {
    throw bad(name, 'a table in CSV', messageOf(error).split('\n')[0]!, error);
  }
}

function bad(name: string, expected: string, received: string, cause?: unknown): RampartError {
  const message = `${name}: expected ${expected}. Received ${received.replace(/[\r\n]+/g, ' ').replace(/\.$/, '')}.`;
  return new RampartError({ code: 'bad-data', message, cause });
}

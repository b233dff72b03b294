import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/**
 * The content of a file that a user named. A named pipe would be waited for until somebody writes to it, with a call
 * that nothing can interrupt, so it is refused; what the shell hands over under /dev (`<(...)`, /dev/stdin) is read.
 * @throws Error where there is no such file, or it is none
 */
export async function readWholeFile(path: string): Promise<Buffer> {
  refusePipe(path, await stat(path));
  return readFile(path);
}

/** As `readWholeFile`, at once. */
export function readWholeFileSync(path: string): Buffer {
  refusePipe(path, statSync(path));
  return readFileSync(path);
}

function refusePipe(path: string, stats: { isFIFO(): boolean }): void {
  if (stats.isFIFO() && !path.startsWith('/dev/')) throw new Error('it is a named pipe, not a file');
}

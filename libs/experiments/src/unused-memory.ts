import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** By how much a process grows before it is worth the time of a collection: some hundredths of a second. */
const GROWTH = 32 * 2 ** 20;

let collect: (() => void) | undefined;
/** What the process held after this thread's last collection, or less. */
let held = Infinity;

/**
 * Gives memory back that threads have shared and none of them uses any more, where the process has grown. V8 does not
 * count such memory, so a thread with few objects of its own would keep gigabytes for as long as it is not in want of
 * others. All threads that have seen it must let go of it: each calls this after its part in some work.
 */
export function giveBackUnusedMemory(): void {
  const now = process.memoryUsage.rss();
  held = Math.min(held, now);
  if (now - held < GROWTH) return;
  collect ??= collector();
  collect();
  held = process.memoryUsage.rss();
}

/** V8's own collection of everything, which it hands out to new contexts once it is asked to. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

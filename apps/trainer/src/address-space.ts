// Loaded before anything else: it may need nothing but Node itself.
import { readFileSync } from 'node:fs';

/** Bytes of addresses that a command reserves before it does anything: Node, ONNX Runtime, the driver of the store. */
const COMMAND = 1.5e9;
/** Bytes of addresses that each thread reserves besides: room for its code, its heap and its sessions. */
const THREAD = 1e9;

/**
 * What is wrong with this process's limit on addresses, in one sentence: V8 and ONNX Runtime end the process with a
 * trap where they cannot reserve any, which nobody could catch.
 * @param threads - how many will work
 * @returns undefined where there is no limit, or it is high enough to begin
 */
export function tooFewAddresses(threads: number): string | undefined {
  const limit = addressLimit();
  const needed = COMMAND + threads * THREAD;
  if (limit >= needed) return undefined;
  const workers = threads === 0 ? '' : ` for ${threads} worker${threads === 1 ? '' : 's'}`;
  return (
    `Expected a limit on address space of at least ${gigabytes(needed)} GB${workers}. Received ${gigabytes(limit)} GB. ` +
    `Raise it (ulimit -v)${threads > 1 ? ', or take fewer --workers' : ''}; to limit memory itself, use a container.`
  );
}

/** Bytes of addresses that this process may reserve; infinite where nothing limits them, or the system does not say. */
function addressLimit(): number {
  try {
    const [, soft] = /^Max address space\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2);
}

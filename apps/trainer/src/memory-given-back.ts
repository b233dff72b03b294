// Loaded before anything else: it may need nothing but Node itself.

/**
 * What has glibc's malloc hand large blocks of memory back to the system when they are freed: blocks from 1 MiB are
 * mapped on their own. Otherwise it raises that size to that of the largest block that was freed, up to 32 MiB, and
 * keeps what smaller ones took, thread by thread. It reads the variable when a process starts; nothing else does.
 */
export const MEMORY_GIVEN_BACK = { MALLOC_MMAP_THRESHOLD_: String(2 ** 20) };

/** Node 22.15 and later, 24 and later. */
type Execve = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never;

/**
 * Starts this process anew with `MEMORY_GIVEN_BACK`, where the environment does not say otherwise: the same process for
 * everybody outside. Does nothing where Node cannot do so.
 */
export function giveMemoryBack(): void {
  const { execve } = process as { execve?: Execve };
  const missing = Object.keys(MEMORY_GIVEN_BACK).some((name) => process.env[name] === undefined);
  if (process.platform !== 'linux' || !execve || !missing) return;
  const args = [process.argv0, ...process.execArgv, ...process.argv.slice(1)];
  execve(process.execPath, args, { ...MEMORY_GIVEN_BACK, ...process.env });
}

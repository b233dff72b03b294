import { threadId } from 'node:worker_threads';

const OWNER = /\.(\d+)-\d+$/;

/** A name for a file or folder in the making that belongs to this process and thread alone. */
export function ownedName(base: string): string {
  return `${base}.${process.pid}-${threadId}`;
}

/** True for an owned name of this base whose process has ended, so that anybody may take it over. */
export function isAbandoned(name: string, base: string): boolean {
  const owner = name.startsWith(`${base}.`) ? OWNER.exec(name)?.[1] : undefined;
  return owner !== undefined && !isAlive(Number(owner));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Without the right to signal it, it is there all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

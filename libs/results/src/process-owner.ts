import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

let known: string | undefined;

/** Names this process as the owner of a claim, in the form that `isGone` understands. */
export function processOwner(): string {
  return `${machine()}/${process.pid}`;
}

/** True when the owner was a process of this machine that has ended: its claims need not run out. */
export function isGone(owner: string): boolean {
  const [host, pid] = splitOwner(owner);
  if (host !== machine() || pid === undefined || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Where this process's number means it: two containers may have one name, and each its own process 1. */
function machine(): string {
  known ??= [hostname(), bootOf(), processesOf()].filter((part) => part !== '').join('~');
  return known;
}

/** Which start of the system it is, where Linux says so. */
function bootOf(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  } catch {
    return '';
  }
}

/** Which numbering of processes it is in, where Linux says so. */
function processesOf(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    return '';
  }
}

function splitOwner(owner: string): [host: string, pid: number | undefined] {
  const slash = owner.lastIndexOf('/');
  const pid = Number(owner.slice(slash + 1));
  return [owner.slice(0, slash), slash > 0 && Number.isInteger(pid) && pid > 0 ? pid : undefined];
}

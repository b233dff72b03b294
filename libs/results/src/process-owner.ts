import { hostname } from 'node:os';

/** Names this process as the owner of a claim, in the form that `isGone` understands. */
export function processOwner(): string {
  return `${hostname()}/${process.pid}`;
}

/** True when the owner was a process of this machine that has ended: its claims need not run out. */
export function isGone(owner: string): boolean {
  const [host, pid] = splitOwner(owner);
  if (host !== hostname() || pid === undefined || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function splitOwner(owner: string): [host: string, pid: number | undefined] {
  const slash = owner.lastIndexOf('/');
  const pid = Number(owner.slice(slash + 1));
  return [owner.slice(0, slash), slash > 0 && Number.isInteger(pid) && pid > 0 ? pid : undefined];
}

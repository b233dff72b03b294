import { readdirSync, readFileSync } from 'node:fs';

import type { TemporaryServer } from '../../libs/results/src/postgres/temporary-server.process';

/** Milliseconds of processors, whatever else the machine was busy with. */
export interface Cost {
  /** Of the server's. */
  readonly server: number;
  /** Of the process that asks: worker or coordinator. */
  readonly client: number;
}

/** The processors' time that a server's processes have had. */
export class ServerClock {
  private constructor(private readonly server: number) {}

  static async of(server: TemporaryServer): Promise<ServerClock> {
    const [row] = await server.query(`select (regexp_split_to_array(pg_read_file('postmaster.pid'), '\\n'))[1] as pid`);
    return new ServerClock(Number(row!['pid']));
  }

  /** @returns the cost of each of so many */
  of(count: number, work: () => Promise<unknown>): Promise<Cost> {
    return ServerClock.count(this, count, work);
  }

  /** The same where there may be no server. */
  static async count(clock: ServerClock | undefined, count: number, work: () => Promise<unknown>): Promise<Cost> {
    const [server, client] = [clock?.read() ?? 0, process.cpuUsage()];
    await work();
    const { user, system } = process.cpuUsage(client);
    return { server: ((clock?.read() ?? 0) - server) / count, client: (user + system) / 1000 / count };
  }

  /** In milliseconds. */
  private read(): number {
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return processes.reduce((sum, pid) => sum + this.spentBy(pid), 0);
  }

  private spentBy(pid: string): number {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      if (fields[1] !== this.server && Number(pid) !== this.server) return 0;
      // Of connections that have ended, in hundredths of a second.
      const ended = Number(pid) === this.server ? 10 * (fields[13]! + fields[14]!) : 0;
      return ended + Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
    } catch {
      // It has ended.
      return 0;
    }
  }
}

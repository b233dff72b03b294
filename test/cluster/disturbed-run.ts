import { Rng } from '@rampart/core';

import { type Ended } from '../integration/rampart';
import { type MachineRoom, until } from './machine-room';

/** How much happens to a run. */
export interface Disturbances {
  readonly workers: number;
  /** Workers that are killed, each while it is at a step; another is started for each. */
  readonly kills: number;
  /** Restarts of PostgreSQL, as after a crash. */
  readonly restarts: number;
  /** Coordinators that are killed before two are started at once. */
  readonly coordinators: number;
}

/**
 * Runs an experiment by workers while things happen: workers are killed, PostgreSQL crashes and comes back, its
 * coordinator is killed. In the end two coordinators are at it.
 * @returns what the two say
 */
export async function disturbedRun(room: MachineRoom, file: string, size: Disturbances): Promise<readonly Ended[]> {
  const rng = Rng.root('machine room');
  const command = ['run', file, '--json'];
  for (let i = 0; i < size.workers; i++) room.startWorker();
  const done = async () => {
    const there = await room.server.query("select to_regclass('steps') is not null as there", databaseOf(room));
    if (!there[0]!['there']) return 0;
    return Number((await room.server.query('select count(*)::int as n from steps', databaseOf(room)))[0]!['n']);
  };
  let over = false;
  const killing = (async () => {
    for (let i = 0; i < size.kills && !over; i++) {
      const pause = 300 + 1500 * rng.uniform();
      await new Promise((next) => setTimeout(next, pause));
      const busy = room.alive.filter(({ said }) => /begun: [^\n]*\n$/.test(said()));
      const victim = busy[Math.floor(rng.uniform() * busy.length)];
      if (!victim) {
        i--;
        continue;
      }
      victim.child.kill('SIGKILL');
      await victim.ended;
      room.startWorker();
    }
  })();
  try {
    for (let i = 0; i < size.coordinators; i++) {
      const before = await done();
      let kill: (signal: NodeJS.Signals) => void = () => undefined;
      const coordinator = room.run(command, { onOutput: (_said, how) => (kill = how) });
      await Promise.race([coordinator, until(async () => (await done()) > before, 'another step is done')]);
      kill('SIGKILL');
      await coordinator;
    }
    const both = Promise.all([room.run(command), room.run(command)]);
    for (let i = 0; i < size.restarts; i++) {
      await new Promise((next) => setTimeout(next, 1000 + 3000 * rng.uniform()));
      await room.server.stop('SIGQUIT');
      await room.server.start();
    }
    return await both;
  } finally {
    over = true;
    await killing;
  }
}

export function databaseOf({ store }: MachineRoom): string {
  return new URL(store).pathname.slice(1);
}

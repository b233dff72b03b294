import { setTimeout as delay } from 'node:timers/promises';

import { Rng } from '@rampart/core';

import type { Ended } from '../integration/rampart';
import { type MachineRoom, until } from './machine-room';

/** What may happen to a run. */
export type Disturbance = 'worker' | 'coordinator' | 'postgres' | 'gateway';

/** How often each happens. */
export type Disturbances = Readonly<Record<Disturbance, number>>;

export interface DisturbedRun {
  /** What the coordinators that were left say. */
  readonly ended: readonly Ended[];
  /** How often each thing happened before the run was over. */
  readonly happened: Disturbances;
}

/** The part of a run in which it is disturbed, so that it is not over before, and how long a moment lasts at most. */
export interface Moments {
  readonly part: number;
  readonly longestMs: number;
}

const USUAL: Moments = { part: 0.85, longestMs: 1_500 };

/**
 * Runs an experiment by workers while things happen at random moments: workers are killed while they are at a step, and
 * others started for them; PostgreSQL and the storage crash and come back; the coordinator is killed and started again,
 * after the last time twice at once.
 * @param steps of the run
 */
export async function disturbedRun(
  room: MachineRoom,
  file: string,
  steps: number,
  workers: number,
  size: Disturbances,
  { part, longestMs }: Moments = USUAL,
): Promise<DisturbedRun> {
  const rng = Rng.root('machine room');
  for (let i = 0; i < workers; i++) room.startWorker();
  await noteStorings(room);
  const coordinators = new Coordinators(room, ['run', file, '--json'], size.coordinator);
  const moments = Object.entries(size)
    .flatMap(([what, times]) => Array.from({ length: times }, () => what as Disturbance))
    .map((what) => ({ what, after: Math.floor(rng.uniform() * part * steps) }))
    .sort((a, b) => a.after - b.after);
  const happened = { worker: 0, coordinator: 0, postgres: 0, gateway: 0 };
  for (const { what, after } of moments) {
    await until(async () => coordinators.over || (await stepsDone(room)) >= after, `${after} steps are done`, 600);
    await delay(longestMs * rng.uniform());
    if (coordinators.over) break;
    if (await disturb(what, room, coordinators, () => longestMs * rng.uniform(), rng)) happened[what]++;
  }
  return { ended: await coordinators.ended(), happened };
}

/** @returns whether there was anything to disturb */
async function disturb(
  what: Disturbance,
  room: MachineRoom,
  coordinators: Coordinators,
  moment: () => number,
  rng: Rng,
): Promise<boolean> {
  switch (what) {
    case 'worker': {
      const busy = () => room.alive.filter(({ said }) => /begun: [^\n]*\n$/.test(said()));
      await until(() => coordinators.over || busy().length > 0, 'a worker is at a step');
      const victim = busy()[Math.floor(rng.uniform() * busy().length)];
      if (!victim) return false;
      victim.child.kill('SIGKILL');
      await victim.ended;
      room.startWorker();
      return true;
    }
    case 'coordinator':
      await coordinators.kill();
      return true;
    case 'postgres':
      await room.server.stop('SIGQUIT');
      await room.server.start();
      return true;
    case 'gateway':
      if (!room.gateway) return false;
      await room.gateway.stop('SIGKILL');
      await delay(moment());
      await room.gateway.start();
      return true;
  }
}

/** One coordinator at first; when it was killed for the last time, two. */
class Coordinators {
  private running: { readonly ended: Promise<Ended>; readonly kill: () => void }[] = [];
  /** Whether one of them has come to its end. */
  over = false;

  constructor(
    private readonly room: MachineRoom,
    private readonly command: readonly string[],
    private lives: number,
  ) {
    this.start();
  }

  async kill(): Promise<void> {
    const { running } = this;
    this.running = [];
    for (const { kill } of running) kill();
    await Promise.all(running.map(({ ended }) => ended));
    this.lives--;
    this.start();
    if (this.lives === 0) this.start();
  }

  ended(): Promise<readonly Ended[]> {
    return Promise.all(this.running.map(({ ended }) => ended));
  }

  private start(): void {
    const killing = new AbortController();
    const one = {
      ended: this.room.run(this.command, { killed: killing.signal }),
      kill: () => killing.abort(),
    };
    void one.ended.then(() => (this.over ||= this.running.includes(one)));
    this.running.push(one);
  }
}

/** Has the database note every result of a step that is stored, from before the first. */
async function noteStorings(room: MachineRoom): Promise<void> {
  const made = async () => (await room.query("select to_regclass('steps') is not null as made"))[0]!['made'] === true;
  await until(made, 'a worker has made the tables');
  await room.query(`
    create table storings (key text);
    create function note_storing() returns trigger language plpgsql
      as $$ begin insert into storings values (new.key); return new; end $$;
    create trigger storing after insert on steps for each row execute function note_storing();`);
}

/** How often results were stored in a disturbed run, and of how many steps. */
export async function storings(room: MachineRoom): Promise<{ readonly times: number; readonly steps: number }> {
  const [found] = await room.query('select count(*)::int as times, count(distinct key)::int as steps from storings');
  return found as { times: number; steps: number };
}

async function stepsDone(room: MachineRoom): Promise<number> {
  return (await storings(room)).steps;
}

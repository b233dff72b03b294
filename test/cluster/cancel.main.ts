import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { Client } from 'pg';

import { TINY_EXPERIMENT } from '../reliability/experiment';
import { MachineRoom, until } from './machine-room';

const LONG = TINY_EXPERIMENT.replace('epochs: 1', 'epochs: 500').replace('trainLimit=300', 'trainLimit=3000');

/**
 * `node -r @swc-node/register test/cluster/cancel.main.ts --times 10`: seconds from the moment that a run is cancelled,
 * as the dashboard does it, until its coordinator has taken the step back, and until its worker has stopped the training
 * that it was at.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { times: { type: 'string' } } });
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-cancel-'));
  const room = await MachineRoom.open();
  // One connection, so that asking takes no time.
  const database = new Client({ connectionString: room.store });
  try {
    await database.connect();
    const isSo = async (sql: string) => (await database.query<{ so: boolean }>(`select ${sql} as so`)).rows[0]!.so;
    const busy = () => isSo("exists (select from workers where ended_at is null and busy <> '[]')");
    room.startWorker();
    await until(() => isSo("to_regclass('workers') is not null"), 'tables');
    const [takenBack, stopped]: [number[], number[]] = [[], []];
    for (let i = 0; i < Number(values.times ?? 10); i++) {
      const name = `long-${i}`;
      const file = path.join(folder, `${name}.yaml`);
      writeFileSync(file, `${LONG.replace('name: tiny', `name: ${name}`)}seeds: [${i}]\n`);
      const run = room.run(['run', file, '--json']);
      await until(busy, 'a worker is at its step');
      await delay(1000);
      const { rows } = await database.query<{ id: string }>(`select id from runs where name = '${name}'`);
      const id = rows[0]!.id;
      const began = performance.now();
      const since = () => (performance.now() - began) / 1000;
      await database.query(
        `update runs set cancel_requested = 1 where id = '${id}'; select pg_notify('rampart_work', 'stop ${id}')`,
      );
      const active = `exists (select from public_queue.job where data ->> 'run' = '${id}' and state = 'active')`;
      while (await isSo(active)) await delay(10);
      takenBack.push(since());
      while (await busy()) await delay(10);
      stopped.push(since());
      await run;
    }
    say('taken back', takenBack);
    say('stopped', stopped);
  } finally {
    await database.end();
    await room.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function say(what: string, seconds: number[]): void {
  seconds.sort((a, b) => a - b);
  const [median, slowest] = [seconds[Math.floor(seconds.length / 2)]!, seconds.at(-1)!];
  process.stdout.write(
    `${what}: median ${median.toFixed(2)} s, slowest ${slowest.toFixed(2)} s of ${seconds.length}\n`,
  );
}

void main();

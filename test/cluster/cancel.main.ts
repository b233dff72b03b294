import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { TINY_EXPERIMENT } from '../reliability/experiment';
import { MachineRoom, until } from './machine-room';

const LONG = TINY_EXPERIMENT.replace('epochs: 1', 'epochs: 500').replace('trainLimit=300', 'trainLimit=3000');

/**
 * `node -r @swc-node/register test/cluster/cancel.main.ts --times 10`: seconds from the moment that a run is cancelled,
 * as the dashboard does it, until its worker has stopped the training that it was at.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { times: { type: 'string' } } });
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-cancel-'));
  const room = await MachineRoom.open();
  try {
    room.startWorker();
    const busy = async () => {
      const [found] = await room.query("select busy from workers where ended_at is null and busy <> '[]' limit 1");
      return found !== undefined;
    };
    await until(
      async () => (await room.query("select to_regclass('workers') as there"))[0]!['there'] !== null,
      'tables',
    );
    const seconds: number[] = [];
    for (let i = 0; i < Number(values.times ?? 10); i++) {
      const name = `long-${i}`;
      const file = path.join(folder, `${name}.yaml`);
      writeFileSync(file, `${LONG.replace('name: tiny', `name: ${name}`)}seeds: [${i}]\n`);
      const run = room.run(['run', file, '--json']);
      await until(busy, 'a worker is at its step');
      await delay(1000);
      const [{ id }] = (await room.query(`select id from runs where name = '${name}'`)) as [{ id: string }];
      const began = performance.now();
      await room.query(
        `update runs set cancel_requested = 1 where id = '${id}'; select pg_notify('rampart_work', 'stop ${id}')`,
      );
      while (await busy()) await delay(20);
      seconds.push((performance.now() - began) / 1000);
      await run;
    }
    seconds.sort((a, b) => a - b);
    process.stdout.write(
      `median ${seconds[Math.floor(seconds.length / 2)]!.toFixed(2)} s, slowest ${seconds.at(-1)!.toFixed(2)} s\n`,
    );
  } finally {
    await room.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();

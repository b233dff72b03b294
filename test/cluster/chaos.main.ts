import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { findingsOf, rampart, SMALL_EXPERIMENT } from '../integration/rampart';
import { disturbedRun } from './disturbed-run';
import { MachineRoom } from './machine-room';

/** `npm run chaos:cluster -- --kills 50 --restarts 2 --coordinators 2 --workers 4`: a longer disturbance than the test's. */
async function main(): Promise<void> {
  const usual = { workers: '4', kills: '50', restarts: '2', coordinators: '2' };
  const { values } = parseArgs({
    options: Object.fromEntries(Object.keys(usual).map((name) => [name, { type: 'string' as const }])),
  });
  const size = Object.fromEntries(
    Object.entries({ ...usual, ...values }).map(([name, text]) => [name, Number(text)]),
  ) as unknown as Parameters<typeof disturbedRun>[2];
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-chaos-'));
  const file = path.join(folder, 'small.yaml');
  writeFileSync(file, SMALL_EXPERIMENT.replace('seeds: [1]', 'seeds: [1, 2, 3]'));
  const room = await MachineRoom.open();
  try {
    const embedded = findingsOf(await rampart(['run', file, '--store', path.join(folder, 'embedded'), '--json']));
    const began = performance.now();
    const ended = await disturbedRun(room, file, size);
    const verified = await room.run(['verify']);
    const same = ended.map((one) => one.code === 0 && JSON.stringify(findingsOf(one)) === JSON.stringify(embedded));
    process.stdout.write(
      `${JSON.stringify(size)}, ${room.started - size.workers} workers killed: ${Math.round((performance.now() - began) / 1000)} s\n`,
    );
    process.stdout.write(`tables equal to the embedded run's: ${same.join(', ')}; verify: ${verified.code}\n`);
    if (!same.every(Boolean) || verified.code !== 0) {
      process.stdout.write(ended.map(({ stderr }) => stderr).join('\n') + verified.stdout);
      process.exitCode = 1;
    }
  } finally {
    await room.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();

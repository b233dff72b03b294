import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { type Ended, findingsOf, rampart, SMALL_EXPERIMENT } from '../integration/rampart';
import { disturbedRun, type Disturbances, storings } from './disturbed-run';
import { MachineRoom } from './machine-room';
import { stepResults } from './step-results';

const USUAL = { workers: '4', kills: '50', coordinators: '2', restarts: '2', gateways: '2' };

/**
 * `npm run chaos:cluster -- --kills 50 --coordinators 2 --restarts 2 --gateways 2 --workers 4 --experiment FILE
 * --embedded DIR`: a run by workers that is disturbed for longer than in the tests, and whether it is the embedded
 * store's in everything. That store stays where a folder is named; the experiment may be a preset.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(Object.keys(USUAL).map((name) => [name, { type: 'string' as const }])),
      experiment: { type: 'string' },
      embedded: { type: 'string' },
    },
  });
  const [workers, worker, coordinator, postgres, gateway] = Object.entries(USUAL).map(([name, usual]) =>
    Number((values as Readonly<Record<string, string | undefined>>)[name] ?? usual),
  ) as [number, number, number, number, number];
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-chaos-'));
  const file = values.experiment === undefined ? path.join(folder, 'small.yaml') : String(values.experiment);
  if (values.experiment === undefined) writeFileSync(file, SMALL_EXPERIMENT.replace('seeds: [1]', 'seeds: [1, 2, 3]'));
  const room = await MachineRoom.open();
  try {
    const embedded = values.embedded === undefined ? path.join(folder, 'embedded') : String(values.embedded);
    // It has the machine for itself.
    const threads = { RAMPART_WORKERS: `${availableParallelism()}` };
    const alone = await timed(rampart(['run', file, '--store', embedded, '--json'], { env: threads }));
    if (alone.value.code !== 0) throw new Error(`The run on the embedded store failed: ${alone.value.stderr}`);
    const expected = await stepResults(embedded);
    const steps = Object.keys(expected).length;
    say(`embedded store: ${steps} steps, ${alone.seconds} s`);
    const size: Disturbances = { worker, coordinator, postgres, gateway };
    const disturbed = await timed(disturbedRun(room, file, steps, workers, size));
    const { ended, happened } = disturbed.value;
    say(`${workers} workers: ${disturbed.seconds} s, what happened: ${JSON.stringify(happened)}`);
    Object.assign(process.env, room.environment);
    const found = await stepResults(room.store);
    const { times, steps: stored } = await storings(room);
    const verified = await room.run(['verify']);
    const laws = {
      'everything happened': JSON.stringify(happened) === JSON.stringify(size),
      'coordinators ended well': ended.every(({ code }) => code === 0),
      'tables are those of the embedded store': ended.every((one) => sameFindings(one, alone.value)),
      'outputs and checksums of files of every step are': JSON.stringify(found) === JSON.stringify(expected),
      'every result was stored once': times === steps && stored === steps,
      'nothing is missing or damaged': verified.code === 0,
    };
    for (const [law, holds] of Object.entries(laws)) say(`${holds ? 'yes' : 'NO '} ${law}`);
    if (Object.values(laws).every(Boolean)) return;
    say(ended.map(({ stderr }) => stderr).join('\n') + verified.stdout);
    process.exitCode = 1;
  } finally {
    await room.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function sameFindings(one: Ended, other: Ended): boolean {
  return one.code === 0 && JSON.stringify(findingsOf(one)) === JSON.stringify(findingsOf(other));
}

async function timed<T>(work: Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const began = performance.now();
  const value = await work;
  return { value, seconds: Math.round((performance.now() - began) / 1000) };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main();

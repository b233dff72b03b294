import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { chaos, type ChaosSize } from './chaos';
import { isClean, tallyTable } from './tally';

/** The size of a night; each may be changed: `npm run chaos -- --kills 100`. */
const NIGHT: ChaosSize = { kills: 1000, stores: 10_000, writers: 50, disks: 50, inputs: 12_000, models: 16_000 };

async function main(): Promise<void> {
  const names = Object.keys(NIGHT) as (keyof ChaosSize)[];
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  });
  const size = { ...NIGHT, ...Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number(text)])) };
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-chaos-'));
  try {
    const began = performance.now();
    const tallies = await chaos(folder, size, ({ kind, counts, faults }) => {
      process.stderr.write(`${kind}: ${JSON.stringify(counts)}\n${faults.map((fault) => `  ${fault}\n`).join('')}`);
    });
    process.stdout.write(`${tallyTable(tallies)}\n`);
    process.stdout.write(`${Math.round((performance.now() - began) / 60_000)} minutes\n`);
    if (!tallies.every(isClean)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();

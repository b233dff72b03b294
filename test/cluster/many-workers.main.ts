/**
 * What becomes of many workers at one PostgreSQL, simulated with the service times that it measures on a real one here:
 *
 *   node --conditions=@rampart/source --require=@swc-node/register test/cluster/many-workers.main.ts
 *     [--cores 4] [--network 0.3] [--rows 100] [--samples 200]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import Table from 'cli-table3';

import { TemporaryServer } from '../../libs/results/src/postgres/temporary-server.process';
import { measureServiceTimes, OPERATIONS, type ServiceTimes } from './service-times';
import { type Outcome, simulate } from './worker-model';

const WORKERS = [1, 10, 50, 100, 300, 1_000];
const STEPS_MS = [100, 1_000, 10_000, 60_000];
/** What `npm run bench:queue` measured with steps of 100 ms, everything on two processors: times of the ideal. */
const MEASURED = { 1: 1.08, 2: 1.1, 4: 1.13, 8: 1.21 };
const BENCH = { step: 100, cores: 2, oneMachine: true, network: 0, listening: true, progress: false, plan: 300 };
/** Of PostgreSQL's settings. */
const MAX_CONNECTIONS = 100;
/** What has nothing left to give. */
const SATURATED = 0.95;

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const table = (head: string[]) => new Table({ head, style: { head: [], border: [] } });

function printTimes(times: ServiceTimes): void {
  const shown = table(['milliseconds of a processor', 'server', 'who asks']);
  for (const name of OPERATIONS) {
    const { server, client } = times.operations[name];
    shown.push([name, server.toFixed(2), client.toFixed(2)]);
  }
  shown.push(['a second of an idle worker', times.idle.server.toFixed(2), times.idle.client.toFixed(2)]);
  shown.push(['told, for each that listens', times.hears.toFixed(3), '']);
  shown.push(['told on another channel, for each', times.disturbed.toFixed(3), '']);
  console.log(`${shown.toString()}\nConnections of a worker: ${times.connections}.`);
}

function printValidation(times: ServiceTimes): void {
  const shown = table(['workers', 'measured', 'simulated']);
  for (const [workers, measured] of Object.entries(MEASURED)) {
    const { ratio } = simulate({ ...BENCH, workers: Number(workers), times });
    shown.push([workers, measured.toFixed(2), ratio.toFixed(2)]);
  }
  console.log(`Steps of 100 ms on one machine of two processors, times of the ideal:\n${shown.toString()}`);
}

function limits({ server, coordinator, connections }: Outcome): string {
  const reached = [
    ...(server > SATURATED ? ['server'] : []),
    ...(coordinator > SATURATED ? ['coordinator'] : []),
    ...(connections > MAX_CONNECTIONS ? ['connections'] : []),
  ];
  return reached.join(', ') || '-';
}

function printSituations(options: { cores: number; network: number; listening: boolean; times: ServiceTimes }): void {
  const head = ['step', 'workers', 'steps/s', 'of the ideal', 'server', 'coordinator', 'wait', 'connections', 'limit'];
  const shown = table(head);
  for (const step of STEPS_MS) {
    for (const workers of WORKERS) {
      const found = simulate({ ...options, workers, step, oneMachine: false, progress: true });
      shown.push([
        ...[`${step / 1000} s`, workers, found.stepsPerSecond.toFixed(1), percent(1 / found.ratio)],
        ...[percent(found.server), percent(found.coordinator), `${found.wait.toFixed(1)} ms`],
        ...[Math.round(found.connections), limits(found)],
      ]);
    }
  }
  const how = options.listening ? 'that listen' : 'that look by themselves';
  console.log(`Workers ${how}, a server of ${options.cores} processors:\n${shown.toString()}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: Object.fromEntries(
      ['cores', 'network', 'rows', 'samples'].map((name) => [name, { type: 'string' as const }]),
    ) as Record<'cores' | 'network' | 'rows' | 'samples', { readonly type: 'string' }>,
  });
  const [cores, network] = [Number(values.cores ?? 4), Number(values.network ?? 0.3)];
  const [rows, steps] = [Number(values.rows ?? 100), Number(values.samples ?? 200)];
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-many-workers-'));
  const server = await TemporaryServer.make();
  try {
    const times = await measureServiceTimes(server, folder, { steps, rows });
    printTimes(times);
    // Steps that sleep have judged nothing.
    const without = rows === 0 ? times : await measureServiceTimes(server, folder, { steps, rows: 0 });
    printValidation(without);
    for (const listening of [true, false]) printSituations({ cores, network, listening, times });
  } finally {
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();

import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { describeWithPostgres } from '../../libs/results/src/postgres/temporary-server.process';
import { findingsOf, rampart, temporaryFolder } from '../integration/rampart';
import { TINY_EXPERIMENT } from '../reliability/experiment';
import { databaseOf, disturbedRun } from './disturbed-run';
import { MachineRoom, until } from './machine-room';

const FAILING = `
import { defineAttack, definePlugin } from '@rampart/core';
import { z } from 'zod';

const failing = defineAttack({
  name: 'failing',
  summary: 'Fails.',
  source: 'A test',
  version: 1,
  family: 'budget',
  norms: ['linf'],
  knowledge: 'labels',
  params: z.object({}),
  each: () => async () => {
    throw new Error('the planted fault');
  },
});

export default definePlugin({ name: 'failing', version: '0.1.0', core: '^0.1.0', components: [failing] });
`;

describeWithPostgres('runs that workers do', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'tiny.yaml');
  writeFileSync(file, `${TINY_EXPERIMENT}seeds: [1, 2]\n`);
  let room: MachineRoom;

  beforeAll(async () => (room = await MachineRoom.open()));
  afterAll(() => room.close());

  it('finds what the embedded store finds, through kills of workers, PostgreSQL and the coordinator', async () => {
    const embedded = await rampart(['run', file, '--store', path.join(folder, 'embedded'), '--json']);
    expect(embedded.code).toBe(0);
    const ended = await disturbedRun(room, file, { workers: 2, kills: 2, restarts: 1, coordinators: 1 });
    for (const one of ended) {
      expect([one.code, one.stderr]).toEqual([0, expect.not.stringContaining('rampart: The')]);
      expect(findingsOf(one)).toEqual(findingsOf(embedded));
    }
    const verified = await room.run(['verify']);
    expect([verified.code, verified.stdout]).toEqual([0, expect.not.stringContaining('damaged')]);
  });

  it('hands a step back at SIGTERM, stops it at once when its run is cancelled, and buries what nobody can do', async () => {
    await Promise.all(room.alive.map(({ child, ended }) => (child.kill('SIGKILL'), ended)));
    // Long enough to be cancelled in the middle.
    const long = path.join(folder, 'long.yaml');
    writeFileSync(
      long,
      'name: long\ndataset: mnist(classes=[4, 7])\nmodels: [lenet5]\ntraining: { epochs: 200 }\nattacks: [adam]\nseeds: [7]\n',
    );
    const first = room.startWorker();
    const run = room.run(['run', long, '--json']);
    const runs = () => room.server.query("select id, state from runs where name = 'long'", databaseOf(room));
    await until(() => first.said().includes('begun: train lenet5'), 'a worker has begun');
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(first.said()).toContain('handed back: train lenet5');
    const second = room.startWorker();
    await until(() => second.said().includes('begun: train lenet5'), 'another worker has begun');
    // As the dashboard asks for it.
    const [{ id }] = (await runs()) as [{ id: string }];
    await room.server.query(
      `update runs set cancel_requested = 1 where id = '${id}'; select pg_notify('rampart_work', 'stop ${id}')`,
      databaseOf(room),
    );
    expect((await run).code).toBe(130);

    writeFileSync(path.join(folder, 'failing.ts'), FAILING);
    const failing = path.join(folder, 'failing.yaml');
    writeFileSync(
      failing,
      'name: failing\ndataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)\nmodels: [lenet5]\ntraining: { epochs: 1 }\nattacks: [failing(epsilon=0.1)]\nplugins: [./failing.ts]\n',
    );
    const failed = await room.run(['run', failing]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/Step "[^"]*failing[^"]*" failed: .*the planted fault.*3 attempts.*dead letters/);
    const dead = await room.server.query(
      "select data ->> 'label' as label from public_queue.job where name = 'dead-steps'",
      databaseOf(room),
    );
    expect(dead.length).toBeGreaterThan(0);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    const workers = await room.server.query(
      'select ended_at, busy from workers where ended_at is not null',
      databaseOf(room),
    );
    expect(workers.map(({ busy }) => busy)).toEqual(['[]', '[]']);
  });

  it('says what is wrong: a folder for a store, a kind of step that there is none of', async () => {
    const inFolder = await rampart(['worker', '--store', path.join(folder, 'embedded')]);
    expect([inFolder.code, inFolder.stderr]).toEqual([2, expect.stringContaining('Expected the address of a store')]);
    const kind = await room.run(['worker', '--kinds', 'attack,defend']);
    expect([kind.code, kind.stderr]).toEqual([2, expect.stringContaining('"defend" is no kind of step')]);
  });
});

import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { describeWithPostgres } from '../../libs/results/src/postgres/temporary-server.process';
import { findingsOf, rampart, ROOT, temporaryFolder } from '../integration/rampart';
import { TINY_EXPERIMENT } from '../reliability/experiment';
import { disturbedRun, storings } from './disturbed-run';
import { MachineRoom, until } from './machine-room';
import { SpanReceiver } from './span-receiver';
import { stepResults } from './step-results';

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

/** What a worker of another version of Rampart begins with. */
const OTHER_VERSION = `
const { attacks } = require(${JSON.stringify(path.join(ROOT, 'libs/attacks'))});
attacks.get('adam').version++;
`;

describeWithPostgres('runs that workers do', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'tiny.yaml');
  writeFileSync(file, `${TINY_EXPERIMENT}seeds: [1, 2]\n`);
  let room: MachineRoom;
  let receiver: SpanReceiver;

  beforeAll(async () => {
    room = await MachineRoom.open();
    receiver = await SpanReceiver.start();
  });
  afterAll(async () => {
    await room.close();
    await receiver.close();
  });

  it('finds what the embedded store finds, through kills of workers, PostgreSQL, the storage and the coordinator', async () => {
    const embedded = path.join(folder, 'embedded');
    const alone = await rampart(['run', file, '--store', embedded, '--json']);
    expect(alone.code).toBe(0);
    const expected = await stepResults(embedded);
    const steps = Object.keys(expected).length;
    const size = { worker: 2, coordinator: 1, postgres: 1, gateway: room.gateway ? 1 : 0 };
    const { ended, happened } = await disturbedRun(room, file, steps, 2, size, { part: 0.3, longestMs: 200 });
    expect(happened).toEqual(size);
    for (const one of ended) {
      expect([one.code, one.stderr]).toEqual([0, expect.not.stringContaining('rampart: The')]);
      expect(findingsOf(one)).toEqual(findingsOf(alone));
    }
    Object.assign(process.env, room.environment);
    expect(await stepResults(room.store)).toEqual(expected);
    expect(await storings(room)).toEqual({ times: steps, steps });
    const verified = await room.run(['verify']);
    expect([verified.code, verified.stdout]).toEqual([0, expect.not.stringContaining('damaged')]);
  });

  it('hands a step back at SIGTERM, stops it at once when its run is cancelled, buries what nobody can do, and traces all', async () => {
    await room.killWorkers();
    const env = receiver.environment;
    // Long enough to be cancelled in the middle.
    const long = path.join(folder, 'long.yaml');
    writeFileSync(
      long,
      'name: long\ndataset: mnist(classes=[4, 7])\nmodels: [lenet5]\ntraining: { epochs: 200 }\nattacks: [adam]\nseeds: [7]\n',
    );
    const first = room.startWorker(env);
    const run = room.run(['run', long, '--json'], { env });
    const runs = () => room.query("select id, state from runs where name = 'long'");
    await until(() => first.said().includes('begun: train lenet5'), 'a worker has begun');
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(first.said()).toContain('handed back: train lenet5');
    const second = room.startWorker(env);
    await until(() => second.said().includes('begun: train lenet5'), 'another worker has begun');
    // As the dashboard asks for it.
    const [{ id }] = (await runs()) as [{ id: string }];
    await room.query(
      `update runs set cancel_requested = 1 where id = '${id}'; select pg_notify('rampart_work', 'stop ${id}')`,
    );
    expect((await run).code).toBe(130);

    writeFileSync(path.join(folder, 'failing.ts'), FAILING);
    const failing = path.join(folder, 'failing.yaml');
    writeFileSync(
      failing,
      'name: failing\ndataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)\nmodels: [lenet5]\ntraining: { epochs: 1 }\nattacks: [failing(epsilon=0.1)]\nseeds: [9]\nplugins: [./failing.ts]\n',
    );
    const failed = await room.run(['run', failing], { env });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/Step "[^"]*failing[^"]*" failed: .*the planted fault.*3 attempts.*dead letters/);
    const dead = await room.query("select data ->> 'label' as label from public_queue.job where name = 'dead-steps'");
    expect(dead.length).toBeGreaterThan(0);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    const workers = await room.query('select ended_at, busy from workers where ended_at is not null');
    expect(workers.map(({ busy }) => busy)).toEqual(['[]', '[]']);

    const runId = async (name: string) =>
      String((await room.query(`select id from runs where name = '${name}'`))[0]!['id']);
    const own = receiver.spans.filter(({ scope }) => scope === 'rampart');
    expect(own.every(({ service }) => service === 'rampart')).toBe(true);
    for (const [name, ends] of Object.entries({
      long: ['run long cancelled', 'train cancelled'],
      failing: ['attack failed', 'evaluate done', 'run failing failed', 'train done'],
    })) {
      const id = await runId(name);
      const spans = own.filter(({ attributes }) => attributes['rampart.run'] === id);
      const found = spans.map((span) => `${span.name} ${span.attributes['rampart.state']}`);
      expect([...new Set(found)].sort()).toEqual(ends);
      // A run and its steps are one trace, whichever processes they were in.
      expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    }
    const attack = own.find(({ name }) => name === 'attack')!;
    expect(attack.attributes).toMatchObject({
      ...{ 'rampart.kind': 'attack', 'rampart.model': 'lenet5' },
      'rampart.attack': expect.stringContaining('failing') as string,
      'rampart.label': expect.stringContaining('attack lenet5 with failing') as string,
    });
    // What the queue does is told by the queue itself.
    const queues = receiver.spans.filter(({ scope }) => scope === 'pg-boss').map(({ name }) => name.split(' ')[0]);
    expect(queues).toEqual(expect.arrayContaining(['send', 'receive', 'complete', 'fail', 'cancel']));
  });

  it('leaves steps to workers that have the versions of components and plugins that the run was planned with', async () => {
    const preload = path.join(folder, 'other-version.cjs');
    writeFileSync(preload, OTHER_VERSION);
    const plugin = path.join(folder, 'planned.ts');
    const content = FAILING.replaceAll('failing', 'planned').replace("throw new Error('the planted fault');", '');
    writeFileSync(plugin, content);
    const planned = path.join(folder, 'planned.yaml');
    writeFileSync(
      planned,
      'name: planned\ndataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)\nmodels: [lenet5]\ntraining: { epochs: 1 }\nattacks: [planned(epsilon=0.1)]\nplugins: [./planned.ts]\nseeds: [8]\n',
    );
    const otherVersion = room.startWorker({ NODE_OPTIONS: `--require=${preload}` });
    await until(() => otherVersion.said().includes('worker'), 'the worker of another version is there');
    // Those that were killed above count as alive for 15 s after their last sign.
    const recent = () =>
      room.query(
        'select id from workers where ended_at is null and seen_at > extract(epoch from clock_timestamp()) * 1000 - 16000',
      );
    const own = `/${otherVersion.child.pid}-`;
    await until(async () => {
      const ids = (await recent()).map(({ id }) => String(id));
      return ids.length === 1 && ids[0]!.includes(own);
    }, 'it is the only one alive');
    let said = '';
    const run = room.run(['run', planned, '--json', '--at-once', '1'], { onOutput: (all) => (said = all) });
    await until(() => said.includes('but of other versions'), 'the run says that there are only such workers');
    // The run was planned by now, with the plugin as it was.
    await until(() => said.includes('run-started'), 'steps are sent');
    writeFileSync(plugin, content.replace("version: '0.1.0'", "version: '0.2.0'"));
    const otherPlugin = room.startWorker();
    await until(() => said.includes('leaves steps to others'), 'a worker has left a step to others');
    await until(() => otherPlugin.said().includes('left: train lenet5: Plugin "planned"'), 'it has said so itself');
    // In half a minute it would look again, and find the right one.
    otherPlugin.child.kill('SIGTERM');
    expect(await otherPlugin.ended).toBe(0);
    writeFileSync(plugin, content);
    const right = room.startWorker();
    expect((await run).code).toBe(0);
    for (const { said: saidBy } of [otherVersion, otherPlugin]) expect(saidBy()).not.toContain('done: ');
    expect(otherVersion.said()).not.toContain('begun: ');
    expect(right.said()).toContain('done: attack lenet5 with planned');
    // Of one run no two steps were in the queue at the same time.
    const together = await room.query(`
      select one.data ->> 'label' as label from public_queue.job as one join public_queue.job as other on one.id < other.id
      where one.data ->> 'run' = other.data ->> 'run' and one.created_on < other.completed_on
        and other.created_on < one.completed_on and one.data ->> 'run' in (select id from runs where name = 'planned')`);
    expect(together).toEqual([]);
  });

  it('says what is wrong: a folder for a store, a kind of step that there is none of', async () => {
    const inFolder = await rampart(['worker', '--store', path.join(folder, 'embedded')]);
    expect([inFolder.code, inFolder.stderr]).toEqual([2, expect.stringContaining('Expected the address of a store')]);
    // As a folder that has none.
    for (const nowhere of [room.server.url('nowhere'), await room.server.database()]) {
      const none = await room.run(['runs', 'list', '--json'], { env: { RAMPART_STORE: nowhere } });
      expect([none.code, JSON.parse(none.stdout)]).toEqual([
        2,
        expect.objectContaining({ code: 'missing', exitCode: 2 }),
      ]);
    }
    const kind = await room.run(['worker', '--kinds', 'attack,defend']);
    expect([kind.code, kind.stderr]).toEqual([2, expect.stringContaining('"defend" is no kind of step')]);
  });
});

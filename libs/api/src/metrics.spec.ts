import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openStore } from '@rampart/results';

import { metrics } from './metrics';
import { createCaller } from './router';

it('tells Prometheus and the page of workers who is alive, at what, and what was done', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'rampart-metrics-'));
  let time = Date.UTC(2026, 0, 1);
  const store = await openStore(directory, { create: true, now: () => time });
  try {
    const step = { kind: 'train', label: 'train "a"', output: {}, artifacts: [], seconds: 1.5, finishedAt: time };
    await store.steps.finish({ ...step, key: 'a' });
    await store.steps.finish({ ...step, key: 'b', label: 'train b', seconds: 2 });
    const has = { host: 'h', pid: 1, cores: 4, threads: 2, memory: 2 ** 33, processor: 'p', version: 'v', node: '20' };
    const worker = { startedAt: time, done: 3, failed: 1, has: { ...has, engine: 'e', kinds: [] } };
    const busy = [{ key: 'c', kind: 'attack', label: 'attack c', since: time }];
    await store.workers.sign({ ...worker, id: 'lost', busy });
    time += 60_000;
    await store.workers.sign({ ...worker, id: 'alive', busy });
    await store.workers.sign({ ...worker, id: 'ended', busy: [] }, true);
    const text = await metrics(store);
    expect(text).toContain('# TYPE rampart_steps_stored gauge\nrampart_steps_stored{kind="train"} 2\n');
    expect(text).toContain('rampart_step_seconds_stored{kind="train"} 3.5\n');
    for (const state of ['alive', 'lost', 'ended']) expect(text).toContain(`rampart_workers{state="${state}"} 1\n`);
    expect(text).toContain('rampart_workers_busy 1\n');
    const overview = await createCaller({ store }).workers.overview();
    expect(overview).toMatchObject({ shared: false, kinds: [], dead: [] });
    expect(overview.workers.map(({ id, state }) => [id, state])).toEqual([
      ['alive', 'alive'],
      ['lost', 'lost'],
      ['ended', 'ended'],
    ]);
    expect(overview.workers[1]!.busy).toEqual(busy);
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
});

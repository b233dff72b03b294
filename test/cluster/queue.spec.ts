import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { describeWithPostgres, TemporaryServer } from '../../libs/results/src/postgres/temporary-server.process';
import { ROOT, temporaryFolder } from '../integration/rampart';

describeWithPostgres('the queue of steps', () => {
  const files = temporaryFolder();
  let server: TemporaryServer;
  let found: Record<string, unknown>;

  beforeAll(async () => {
    server = await TemporaryServer.make();
    const stores: string[] = [];
    for (let trial = 0; trial < 5; trial++) stores.push(await server.database());
    // pg-boss is an ES module, which Jest does not load.
    const args = ['-r', '@swc-node/register', path.join(__dirname, 'queue-trials.process.ts'), files, ...stores];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    found = JSON.parse(stdout) as Record<string, unknown>;
  });
  afterAll(() => server?.remove());

  it('gives steps of runs with a higher priority first', () => {
    expect(found['priorities']).toEqual([
      ['x', 'y', 'z'],
      ['a', 'b', 'c'],
    ]);
  });

  it('leaves to others what a worker has no memory for or is not of its kinds, and knows which processors took part', () => {
    expect(found['means']).toEqual({
      small: ['a', 'b', 'c', 'd'],
      left: 2,
      atOnce: 2,
      any: ['L', 'T'],
      processors: ['another', 'one'],
    });
  });

  it('has a worker do one step at a time on a device, and beside it what needs none', () => {
    expect(found['device']).toMatchObject({ began: 4, atOnce: 2 });
  });

  it('has a worker without the device leave its steps to others', () => {
    expect(found['device']).toMatchObject({ became: ['done', 'done', 'done', 'done'], lacking: 1 });
  });

  it('has a worker stop a step that its run does not want any more', () => {
    expect(found['cancelling']).toEqual({ end: 'Step "a" was cancelled.', waiting: 0, active: 0 });
  });

  it('puts a step away that three attempts failed at, names them, and begins anew when it is asked for again', () => {
    expect(found['dead letters']).toEqual({
      end: expect.stringMatching(
        /^the planted fault \(3 attempts, on (one|two|three), .*; it is among the dead letters\)$/,
      ),
      ...{ attempts: 3, dead: 1, again: 'done', deadThen: 0 },
    });
  });
});

import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { type CopyRequest, copyStore, openStore, type Store, type StoreVerification } from '@rampart/results';

import { TemporaryServer } from '../../libs/results/src/postgres/temporary-server.process';
import { rampart, succeeds, temporaryFolder } from '../integration/rampart';
import { fillStore } from '../store/fill-store';
import { describeWithCluster, S3Gateway } from './s3-gateway';

/** Everything that a store answers about its runs. */
async function contentOf(location: string): Promise<unknown> {
  const store = await openStore(location, { readOnly: true });
  try {
    const { runs } = await store.runs.list({ limit: 100 });
    return await Promise.all(
      runs.map(async ({ id }) => ({
        run: await store.runs.get(id),
        cells: await store.cells.ofRun(id),
        models: await store.models.ofRun(id),
        steps: (await store.steps.findAll((await store.runSteps.ofRun(id)).map(({ key }) => key))).sort((a, b) =>
          a.key < b.key ? -1 : 1,
        ),
      })),
    );
  } finally {
    await store.close();
  }
}

async function verified(location: string): Promise<StoreVerification> {
  const store = await openStore(location, { readOnly: true });
  try {
    return await store.verifier.verify();
  } finally {
    await store.close();
  }
}

const SOUND = { database: [], steps: [], runs: [], files: [] };

describeWithCluster('rampart copy', () => {
  const folder = temporaryFolder();
  const from = path.join(folder, 'from');
  const back = path.join(folder, 'back');
  const environment = { ...process.env };
  let server: TemporaryServer;
  let gateway: S3Gateway;
  let to: string;

  beforeAll(async () => {
    server = await TemporaryServer.make();
    to = await server.database();
    gateway = await S3Gateway.start(path.join(folder, 'gateway'), ['team']);
    Object.assign(process.env, gateway.environment, { RAMPART_CACHE_DIR: path.join(folder, 'cache') });
    const store: Store = await openStore(from, { create: true });
    await fillStore(store, { runs: 2, instances: 200, seed: 1 });
    await store.close();
  });
  afterAll(async () => {
    process.env = environment;
    await gateway?.stop();
    await server?.remove();
  });

  it('takes a folder over into PostgreSQL and S3, goes on where it was interrupted, and back', async () => {
    const halfway = new AbortController();
    const stopped = copyStore(
      { from, to, artifacts: 's3://team/store' },
      { signal: halfway.signal, onProgress: ({ done, total }) => done > total! / 2 && halfway.abort() },
    );
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });

    // Where files are was written down.
    const command = await succeeds(rampart(['copy', '--from', from, '--to', to]));
    expect(command.stdout).toMatch(/\d+ files \(\d+ before\), \d+ steps.* and 2 runs/);
    expect(command.stdout).not.toContain('secret');
    expect(await contentOf(to)).toEqual(await contentOf(from));
    expect(await verified(to)).toMatchObject(SOUND);

    await expect(copyStore({ from: to, to: back })).resolves.toMatchObject({ faults: [], running: [], runs: 2 });
    expect(await contentOf(back)).toEqual(await contentOf(from));
    expect(await verified(back)).toMatchObject(SOUND);
    const again = await copyStore({ from: to, to: back });
    expect(again.before).toEqual({ files: again.files, steps: again.steps, runs: again.runs });
  });

  it('tells of what is damaged, on either side, and mends the other one', async () => {
    const files = path.join(folder, 'gateway/team/store');
    const [one, other] = readdirSync(files, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.'));
    writeFileSync(path.join(files, one!), 'damaged');
    rmSync(path.join(files, other!));
    const { steps, files: others } = await verified(to);
    expect(steps.flatMap(({ faults }) => faults).concat(others)).toEqual(
      expect.arrayContaining([expect.stringMatching(/The file s3:\/\/team\/store\/.* of the store is damaged/)]),
    );
    const target = path.join(folder, 'partly');
    const { faults } = await copyStore({ from: to, to: target });
    expect(faults).toEqual([expect.stringMatching(/is damaged/)]);
    await expect(copyStore({ from, to })).resolves.toMatchObject({ faults: [] });
    expect(await verified(to)).toMatchObject(SOUND);
  });

  it('refuses what would lose something, in one sentence', async () => {
    const empty = await server.database();
    const refused = (request: CopyRequest) => copyStore(request).then(String, ({ message }: Error) => message);
    expect(await refused({ from, to: from })).toMatch(/cannot be copied into itself/);
    expect(await refused({ from: path.join(folder, 'nowhere'), to })).toMatch(/^There is no store in /);
    expect(await refused({ from, to: empty })).toMatch(/^Nobody has said yet where .*--artifacts/);
    expect(await refused({ from, to, artifacts: 's3://team/other' })).toMatch(
      /^The files of this store are in s3:\/\/team\/store, and --artifacts names s3:\/\/team\/other/,
    );
    expect(await refused({ from: to, to: from, artifacts: 's3://team/other' })).toMatch(
      /^The store has files in its own folder/,
    );
    expect(await refused({ from, to: empty, artifacts: 's3://nowhere' })).toMatch(/NoSuchBucket/);
    const command = await rampart(['copy', '--from', from, '--to', 'postgres://nobody:secret@127.0.0.1:9/none']);
    expect(command).toMatchObject({ code: 1, stdout: '' });
    expect(command.stderr).toMatch(/^(copying.*\n)?rampart: .*ECONNREFUSED.*\n$/);
    expect(command.stderr).not.toContain('secret');
  });
});

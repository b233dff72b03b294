import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { findingsOf, rampart, succeeds, temporaryFolder } from '../integration/rampart';
import { hasGateway, S3Gateway } from './s3-gateway';

const EXPERIMENT = `
name: tiny
dataset: mnist(classes=[4, 7], trainLimit=600, testLimit=80)
models: [lenet5]
training: { epochs: 1 }
attacks: [fgs(epsilon=0.1)]
seeds: [1]
`;

(hasGateway() ? describe : describe.skip)('a run whose files are in S3-compatible storage', () => {
  const folder = temporaryFolder();
  const experiment = path.join(folder, 'tiny.yaml');
  const store = path.join(folder, 'store');
  const bucket = path.join(folder, 'gateway/team');
  let gateway: S3Gateway;

  beforeAll(async () => {
    gateway = await S3Gateway.start(path.join(folder, 'gateway'), ['team']);
    writeFileSync(experiment, EXPERIMENT);
  });
  afterAll(() => gateway?.stop());

  const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    rampart([...args, '--store', store], {
      env: { ...gateway.environment, RAMPART_CACHE_DIR: path.join(folder, 'cache'), ...env },
    });
  const files = () =>
    readdirSync(bucket, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(npy|onnx)$/.test(name));

  it('has the figures and files of any other, though the server was killed meanwhile; what is damaged there is done again', async () => {
    const local = findingsOf(await rampart(['run', experiment, '--json', '--store', path.join(folder, 'local')]));
    const run = command(['run', experiment, '--json', '--artifacts', 's3://team/deep']);
    // A server that is not there at first is said to be so at once; this one goes as soon as it has something.
    let over = false;
    void run.finally(() => (over = true));
    while (!over && files().length === 0) await new Promise((done) => setTimeout(done, 10));
    for (let kills = 0; kills < 2; kills++) {
      await gateway.stop('SIGKILL');
      await new Promise((done) => setTimeout(done, 300));
      await gateway.start();
      await new Promise((done) => setTimeout(done, 1000));
    }
    const ended = await run;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(findingsOf(ended)).toEqual(local);
    expect(existsSync(path.join(store, 'artifacts'))).toBe(false);

    // Copies on this machine are no evidence of what the server has.
    const [damaged, missing] = files();
    writeFileSync(path.join(bucket, damaged!), 'x');
    rmSync(path.join(bucket, missing!));
    const verified = await command(['verify']);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toMatch(/The file s3:\/\/team\/deep\/.* is damaged/);
    expect(verified.stdout).toMatch(/The file s3:\/\/team\/deep\/.* is missing/);
    await succeeds(command(['verify', '--repair']));
    await succeeds(command(['verify']));
    expect(files().sort()).toEqual(
      [damaged, missing, ...files().filter((name) => ![damaged, missing].includes(name))].sort(),
    );

    const before = files();
    await gateway.stop();
    const without = await command(['verify']);
    expect(without.code).toBe(1);
    expect(without.stderr).toMatch(
      /^(.*\n)?rampart: The files in s3:\/\/team\/deep cannot be reached: .*ECONNREFUSED.*\n$/,
    );
    await gateway.start();
    expect(files()).toEqual(before);
  });
});

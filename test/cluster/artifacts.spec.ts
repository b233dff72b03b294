import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type ArtifactName, type ArtifactStore, openArtifacts } from '@rampart/results';

import { canMount } from '../reliability/run-trials';
import { hasGateway, S3Gateway } from './s3-gateway';

const MODEL = { name: 'model', extension: 'onnx' };

const folder = mkdtempSync(path.join(tmpdir(), 'rampart-artifacts-'));
const environment = { ...process.env };
let gateway: S3Gateway | undefined;

beforeAll(async () => {
  process.env['RAMPART_CACHE_DIR'] = path.join(folder, 'cache');
  if (!hasGateway()) return;
  gateway = await S3Gateway.start(path.join(folder, 'gateway'), ['team']);
  Object.assign(process.env, gateway.environment);
});

afterAll(async () => {
  await gateway?.stop();
  process.env = environment;
  rmSync(folder, { recursive: true, force: true });
});

const withGateway = hasGateway() ? describe : describe.skip;

const shared = path.join(folder, 'shared');
const places: readonly [string, typeof describe, string, string][] = [
  ['a folder', describe, shared, shared],
  ['S3-compatible storage', withGateway, 's3://team/deep/prefix', path.join(folder, 'gateway/team/deep/prefix')],
];

for (const [what, describeIt, location, files] of places) {
  describeIt(`files of a store in ${what}`, () => {
    let artifacts: ArtifactStore;
    /** Where the server, or nobody, has a file. */
    const kept = ({ checksum, extension }: ArtifactName) =>
      path.join(files, checksum.slice(0, 2), `${checksum}.${extension}`);
    const bytesOf = (text: string) => Buffer.from(text);

    beforeEach(async () => (artifacts = await openArtifacts(location, { check: 'now' })));
    afterEach(() => rmSync(path.join(folder, 'cache'), { recursive: true, force: true }));

    it('are named after their content, and are there whole for every other process', async () => {
      const ref = await artifacts.write(bytesOf('a model'), MODEL);
      expect(ref).toMatchObject({ ...MODEL, bytes: 7, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(readFileSync(kept(ref), 'utf8')).toBe('a model');
      const other = await openArtifacts(location);
      expect(Buffer.from(await other.read(ref)).toString()).toBe('a model');
      expect(readFileSync(await other.file(ref), 'utf8')).toBe('a model');
      expect(await other.list()).toContainEqual({ checksum: ref.checksum, extension: 'onnx' });
      expect(artifacts.address(ref)).toBe(`${location}/${ref.checksum.slice(0, 2)}/${ref.checksum}.onnx`);
    });

    it('may be written by many at once', async () => {
      const content = randomBytes(100_000);
      const writers = await Promise.all(Array.from({ length: 8 }, () => openArtifacts(location)));
      const refs = await Promise.all(writers.map((writer) => writer.write(content, MODEL)));
      expect(new Set(refs.map(({ checksum }) => checksum)).size).toBe(1);
      expect(await artifacts.fault(refs[0]!)).toBeUndefined();
    });

    it('that are damaged or missing are never given, whatever a copy says, and give way to sound ones', async () => {
      const ref = await artifacts.write(bytesOf('sound'), MODEL);
      expect(await artifacts.fault(ref)).toBeUndefined();
      writeFileSync(kept(ref), 'sOund');
      expect(await artifacts.fault(ref)).toMatch(/is damaged: its SHA-256 should be [0-9a-f]{64} and is [0-9a-f]{64}/);
      rmSync(path.join(folder, 'cache'), { recursive: true, force: true });
      await expect(artifacts.read(ref)).rejects.toMatchObject({ code: 'damaged' });
      await expect(artifacts.file(ref)).rejects.toMatchObject({ code: 'damaged' });
      await artifacts.write(bytesOf('sound'), MODEL);
      expect(await artifacts.fault(ref)).toBeUndefined();
      rmSync(kept(ref));
      expect(await artifacts.fault(ref)).toMatch(/is missing$/);
      await artifacts.write(bytesOf('sound'), MODEL);
      expect(await artifacts.fault(ref)).toBeUndefined();
    });

    it('arrive piece by piece, large ones in parts', async () => {
      const content = randomBytes(40_000_000);
      async function* pieces() {
        for (let start = 0; start < content.length; start += 3_000_000)
          yield content.subarray(start, start + 3_000_000);
      }
      const ref = await artifacts.writeStream(pieces(), MODEL, content.length);
      expect(ref.bytes).toBe(content.length);
      expect(content.equals(await artifacts.read(ref))).toBe(true);
      expect(statSync(kept(ref)).size).toBe(content.length);
      await expect(artifacts.writeStream(pieces(), MODEL, content.length - 1)).rejects.toMatchObject({
        code: 'bad-data',
      });
      const whole = await artifacts.write(content.subarray(1), MODEL);
      expect(content.subarray(1).equals(await artifacts.read(whole))).toBe(true);
    });

    it('that nobody refers to go, but not young ones', async () => {
      const [old, young, again] = [
        await artifacts.write(bytesOf('old'), MODEL),
        await artifacts.write(bytesOf('young'), MODEL),
        await artifacts.write(bytesOf('again'), MODEL),
      ];
      const before = Date.now() / 1000 - 7200;
      for (const ref of [old, again]) utimesSync(kept(ref), before, before);
      await artifacts.write(bytesOf('again'), MODEL);
      const removed = await artifacts.collect([old, young, again], Date.now());
      expect(removed.map(({ checksum }) => checksum)).toEqual([old.checksum]);
      await expect(artifacts.read(old)).rejects.toMatchObject({ code: 'damaged' });
      expect(await artifacts.fault(again)).toBeUndefined();
    });

    it('have checkpoints beside them, of which those of a step go and others stay', async () => {
      const { checkpoints } = artifacts;
      const has = async (step: string, part: string) => (await checkpoints.read(step, part, 'maker')) !== undefined;
      for (const [step, part] of [
        ['a', 'weights'],
        ['a', 'moments'],
        ['b', 'weights'],
        ['c', 'weights'],
      ] as const) {
        await checkpoints.write(step, part, 'maker', [bytesOf(`${step} ${part}`)]);
      }
      const ref = await artifacts.write(bytesOf('beside checkpoints'), MODEL);
      await checkpoints.remove('a');
      expect([await has('a', 'weights'), await has('a', 'moments')]).toEqual([false, false]);
      expect([await has('b', 'weights'), await has('c', 'weights')]).toEqual([true, true]);
      await checkpoints.collect(['c'], Date.now() + 3_600_000);
      expect([await has('b', 'weights'), await has('c', 'weights')]).toEqual([false, true]);
      expect(await artifacts.fault(ref)).toBeUndefined();
    });
  });
}

withGateway('S3-compatible storage', () => {
  const cached = () =>
    readdirSync(path.join(folder, 'cache'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.onnx'),
    );
  const environmentOf = (values: NodeJS.ProcessEnv, work: () => Promise<void>) => async () => {
    const before = { ...process.env };
    Object.assign(process.env, values);
    try {
      await work();
    } finally {
      process.env = before;
    }
  };

  afterEach(() => rmSync(path.join(folder, 'cache'), { recursive: true, force: true }));

  it('is asked once for what was read before, and again for a copy that was damaged', async () => {
    const ref = await (await openArtifacts('s3://team/copies')).write(Buffer.from('copied'), MODEL);
    const [copy] = cached();
    expect(copy).toMatch(`${ref.checksum}.onnx`);
    const artifacts = await openArtifacts('s3://team/copies');
    await gateway!.stop();
    expect(Buffer.from(await artifacts.read(ref)).toString()).toBe('copied');
    await gateway!.start();
    writeFileSync(path.join(folder, 'cache', copy!), 'cOpied');
    expect(Buffer.from(await artifacts.read(ref)).toString()).toBe('copied');
    expect(readFileSync(await artifacts.file(ref), 'utf8')).toBe('copied');
  });

  it(
    'has no more copies here than their limit, the latest ones',
    environmentOf({ RAMPART_CACHE_MIB: '4' }, async () => {
      const artifacts = await openArtifacts('s3://team/limit');
      const refs: ArtifactName[] = [];
      for (let i = 0; i < 8; i++) refs.push(await artifacts.write(randomBytes(1_000_000), MODEL));
      const sizes = cached().map((name) => statSync(path.join(folder, 'cache', name)).size);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(4 * 2 ** 20);
      expect(cached().some((name) => name.includes(refs.at(-1)!.checksum))).toBe(true);
      for (const ref of refs) expect((await artifacts.read(ref)).byteLength).toBe(1_000_000);
    }),
  );

  it('may be started again while files are written and read', async () => {
    const artifacts = await openArtifacts('s3://team/restarts');
    const content = Array.from({ length: 2 }, () => randomBytes(20_000_000));
    const written = Promise.all(content.map((bytes) => artifacts.write(bytes, MODEL)));
    await gateway!.stop('SIGKILL');
    await gateway!.start();
    const refs = await written;
    rmSync(path.join(folder, 'cache'), { recursive: true, force: true });
    for (const [place, ref] of refs.entries()) expect(content[place]!.equals(await artifacts.read(ref))).toBe(true);
  });

  it.each([
    [
      'a bucket that does not exist',
      's3://nowhere/x',
      {},
      /s3:\/\/nowhere\/x cannot be reached: .*NoSuchBucket|bucket does not exist.*Make the bucket/,
    ],
    [
      'a wrong secret',
      's3://team/x',
      { AWS_SECRET_ACCESS_KEY: 'wrong' },
      /SignatureDoesNotMatch.*Check the credentials/,
    ],
    ['an unknown key', 's3://team/x', { AWS_ACCESS_KEY_ID: 'nobody' }, /No user exists.*Check the credentials/],
    ['no server', 's3://team/x', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, /ECONNREFUSED.*Check AWS_ENDPOINT_URL/],
  ])('says one sentence about %s', async (_, location, values, message) => {
    await environmentOf(values, async () => {
      const error: Error = await openArtifacts(location, { check: 'now' }).then(fail, (thrown: Error) => thrown);
      expect(error).toMatchObject({ name: 'RampartError', code: 'unavailable' });
      expect(error.message).toMatch(message);
    })();
  });

  const mounted = process.platform === 'linux' && canMount(folder) ? it : it.skip;
  mounted('says that its disk is full, keeps nothing half, and takes the file with room', async () => {
    const disk = path.join(folder, 'gateway/small');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    try {
      const artifacts = await openArtifacts('s3://small', { check: 'now' });
      const first = await artifacts.write(randomBytes(3_000_000), MODEL);
      const second = randomBytes(3_000_000);
      const error: Error = await artifacts.write(second, MODEL).then(fail, (thrown: Error) => thrown);
      expect(error).toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/No space left on device.*make some/),
      });
      expect(await artifacts.list()).toEqual([{ checksum: first.checksum, extension: 'onnx' }]);
      execFileSync('mount', ['-o', 'remount,size=20m', disk]);
      expect(second.equals(await artifacts.read(await artifacts.write(second, MODEL)))).toBe(true);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });

  it.each(['s3://', 's3://Team', 'https://host/bucket', 's3:/team'])(
    'does not take %s for a place',
    async (location) => {
      await expect(openArtifacts(location)).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringMatching(/Expected s3:/),
      });
    },
  );
});

function fail(): never {
  throw new Error('It was taken.');
}

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import type { Progress } from '@rampart/core';
import { pack } from 'tar-stream';

import { CIFAR10_ARCHIVE } from './cifar-archive';
import { CIFAR10_RECORDS } from './cifar-binary';
import { cachedArchive } from './cifar-cache';

const CIFAR10 = { archive: CIFAR10_ARCHIVE, records: CIFAR10_RECORDS };

const NAMES = ['data_batch_1.bin', 'test_batch.bin'];

/** Incompressible, so that the archive has some length. */
const record = (seed: number): Uint8Array => {
  const bytes = Buffer.concat(
    Array.from({ length: 97 }, (_, i) => createHash('sha256').update(`${seed} ${i}`).digest()),
  ).subarray(0, 3073);
  bytes[0] = seed;
  return bytes;
};

async function makeArchive(files: Readonly<Record<string, Uint8Array>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, bytes] of Object.entries(files)) {
    tar.entry({ name: `cifar-10-batches-bin/${name}` }, Buffer.from(bytes));
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return gzipSync(Buffer.concat(chunks));
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let archive: Buffer;
let cache: string;
let server: Server;
let requests: IncomingMessage[];
let hangUp: (progress: Progress) => void;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

/** Serves the archive, or the rest of it. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= archive.length) return void response.writeHead(416).end();
  const rest = archive.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': rest.length,
    ...(from > 0 && { 'content-range': `bytes ${from}-${archive.length - 1}/${archive.length}` }),
  });
  response.end(rest);
}

/** Promises everything, sends a part of it and hangs up as soon as that has arrived. */
function breakOff(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'content-length': archive.length });
  response.write(archive.subarray(0, bytes));
  hangUp = ({ done }) => void (done * 1e6 >= bytes && response.destroy());
}

beforeAll(async () => {
  archive = await makeArchive({ 'data_batch_1.bin': record(1), 'test_batch.bin': record(2) });
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'cache-'));
  requests = [];
  hangUp = () => undefined;
  answer = serve;
});
afterEach(() => rm(cache, { recursive: true }));
afterAll(() => new Promise((resolve) => server.close(resolve)));

const source = () => ({
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cifar-10-binary.tar.gz`,
  sha256: sha256(archive),
  bytes: archive.length,
});
const fetchIt = (options: Parameters<typeof cachedArchive>[2] = {}, from = source()) =>
  cachedArchive(CIFAR10, NAMES, { onProgress: (progress) => hangUp(progress), ...options }, from, cache);

describe('cachedArchive', () => {
  it('downloads once, unpacks, and leaves nothing else', async () => {
    const progress: Progress[] = [];
    const folder = await fetchIt({ onProgress: (event) => progress.push(event) });
    expect((await readdir(folder)).sort()).toEqual(NAMES);
    expect(new Uint8Array(await readFile(join(folder, 'test_batch.bin')))).toEqual(new Uint8Array(record(2)));
    expect(await readdir(cache)).toHaveLength(1);
    expect(progress.at(-1)).toEqual({
      done: archive.length / 1e6,
      total: archive.length / 1e6,
      unit: 'MB',
      detail: 'downloading',
    });

    expect(await fetchIt()).toBe(folder);
    expect(requests).toHaveLength(1);
  });

  it('takes a broken connection up where it stopped', async () => {
    answer = (request, response) => (requests.length === 1 ? breakOff(response, 2000) : serve(request, response));
    await fetchIt();
    expect(requests.map((request) => request.headers.range)).toEqual([undefined, 'bytes=2000-']);
  });

  it('takes up what a process that was killed left behind, and sweeps what it had begun to unpack', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(join(cache, `cifar-10-binary.tar.gz.part.${gone}-0`), archive.subarray(0, 1500));
    await mkdir(join(cache, `unpacking.${gone}-0`));
    await writeFile(join(cache, `unpacking.${gone}-0`, 'data_batch_1.bin'), 'half');
    await fetchIt();
    expect(requests.map((request) => request.headers.range)).toEqual(['bytes=1500-']);
    expect(await readdir(cache)).toHaveLength(1);
  });

  it('leaves alone what a process that is still there is writing', async () => {
    const theirs = `cifar-10-binary.tar.gz.part.${process.ppid}-0`;
    await writeFile(join(cache, theirs), 'theirs');
    await fetchIt();
    expect(requests.map((request) => request.headers.range)).toEqual([undefined]);
    expect(await readFile(join(cache, theirs), 'utf8')).toBe('theirs');
  });

  it('starts over where the server does not resume', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(join(cache, `cifar-10-binary.tar.gz.part.${gone}-0`), 'the beginning of something else');
    answer = (_request, response) => response.writeHead(200, { 'content-length': archive.length }).end(archive);
    await fetchIt();
    expect(await readdir(cache)).toHaveLength(1);
  });

  it('uses a part that is complete already', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(join(cache, `cifar-10-binary.tar.gz.part.${gone}-0`), archive);
    await fetchIt();
    expect(await readdir(cache)).toHaveLength(1);
  });

  it('keeps nothing of an archive with a wrong checksum', async () => {
    await expect(fetchIt({}, { ...source(), sha256: 'f'.repeat(64) })).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(/expected the SHA-256 checksum f{64}. Received [0-9a-f]{64}/),
    });
    expect(await readdir(cache)).toEqual([]);
  });

  it('unpacks nothing of an archive whose records are damaged', async () => {
    const sound = archive;
    try {
      archive = await makeArchive({ 'data_batch_1.bin': record(1), 'test_batch.bin': record(11) });
      await expect(fetchIt()).rejects.toMatchObject({
        code: 'bad-data',
        message: expect.stringContaining('Received 11 in record 0'),
      });
      expect((await readdir(cache)).filter((name) => !name.includes('.part.'))).toEqual([]);
    } finally {
      archive = sound;
    }
  });

  it('keeps what arrived when the connection stays broken', async () => {
    answer = (_request, response) => void (requests.length === 1 ? breakOff(response, 1000) : response.destroy());
    await expect(fetchIt()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/cannot be downloaded: .*what has arrived is kept.*--data-dir/),
    });
    const [part] = await readdir(cache);
    expect(await readFile(join(cache, part!))).toHaveLength(1000);
  });

  it('says what the server answered', async () => {
    answer = (_request, response) => response.writeHead(404).end('no');
    await expect(fetchIt()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('cannot be downloaded: the server answered 404'),
    });
  });

  it('stops when the signal fires, and resumes later', async () => {
    const controller = new AbortController();
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': archive.length });
      response.write(archive.subarray(0, 3000));
    };
    await expect(
      fetchIt({ signal: controller.signal, onProgress: ({ done }) => void (done >= 0.003 && controller.abort()) }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    answer = serve;
    await fetchIt();
    expect(await readdir(cache)).toHaveLength(1);
  });

  it('says that the cache cannot be written', async () => {
    const file = join(cache, 'a-file');
    await writeFile(file, '');
    await expect(cachedArchive(CIFAR10, NAMES, {}, source(), join(file, 'cache'))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/The cache folder ".*a-file\/cache" cannot be written .* Set RAMPART_CACHE_DIR/),
    });
  });
});

import { mkdirSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import path from 'node:path';

import { DatabaseSync } from '@photostructure/sqlite';
import { DATABASE_FILE, openStore, type Store } from '@rampart/results';
import type { Browser } from 'playwright-core';

import { rampart, ROOT, temporaryFolder } from '../integration/rampart';
import { accessibilityFaults, launchBrowser, visit } from './browser';
import { type Dashboard, startDashboard, startRampartDashboard } from './dashboard';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A request with any head, also one that a browser would not send. */
function ask(
  address: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      address,
      { method: options.method ?? 'GET', headers: options.headers ?? {} },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () =>
          resolve({ status: response.statusCode!, body: Buffer.concat(pieces).toString(), headers: response.headers }),
        );
      },
    );
    request.once('error', reject);
    request.end(options.body);
  });
}

describe('bad input to the dashboard', () => {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'store');
  let store: Store;
  let dashboard: Dashboard;
  let browser: Browser;
  let id: string;

  beforeAll(async () => {
    store = await openStore(directory, { create: true });
    ({ id } = await store.runs.create({
      name: '<script>alert(1)</script>',
      planKey: 'p',
      experiment: '',
      dataset: 'mnist',
      published: undefined,
      engine: 'onnx',
      seeds: [1],
      stepsTotal: 1,
    }));
    await store.runs.update(id, { state: 'failed', error: 'no', finishedAt: Date.now() });
    dashboard = await startDashboard(directory);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await dashboard?.stop();
    await store?.close();
  });

  const trpc = (procedure: string, input: unknown) =>
    `${dashboard.address}/api/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify({ json: input }))}`;

  it.each([
    ['a run that does not exist', '/runs/nothing', 404],
    ['a run whose name is a path', '/runs/..%2F..%2Fetc%2Fpasswd', 404],
    ['an image that does not exist', '/runs/latest/gallery/abc', 404],
    ['a model that does not exist', `/models/${'a'.repeat(64)}`, 404],
    ['a model that is a path', '/models/..%2F..%2Fetc%2Fpasswd', 404],
    ['a file of a model that is a path', '/api/models/..%2F..%2Frampart.db', 404],
    ['a page that does not exist', '/nowhere', 404],
    ['a query that means nothing', '/runs?page=-1&order=sideways&state=lost&dir=x', 200],
    ['a comparison of nothing', '/compare?runs=nothing~~;;', 200],
  ])('answers %s', async (_what, address, status) => {
    const answer = await ask(dashboard.address + address);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toMatch(/at .*\.(js|ts):\d+|root:x:/);
  });

  it.each([
    ['no such procedure', 'runs.explode', {}, 404],
    ['no input', 'runs.get', undefined, 400],
    ['an input of another kind', 'runs.get', { id: 5 }, 400],
    ['a limit that is too large', 'runs.list', { perPage: 1e9 }, 400],
    ['an identity that is SQL', 'runs.get', { id: "' or 1=1 --" }, 404],
    ['a checksum that is a path', 'models.get', { artifact: '../../rampart.db' }, 400],
  ])('refuses a call with %s', async (_what, procedure, input, status) => {
    expect((await ask(trpc(procedure, input))).status).toBe(status);
  });

  it('refuses what is no call at all', async () => {
    const headers = { 'content-type': 'application/json' };
    const post = (body: string) => ask(`${dashboard.address}/api/trpc/runs.rename`, { method: 'POST', headers, body });
    for (const body of [
      '',
      '{',
      '[]',
      'null',
      '{"json":',
      '\0\0\0',
      `{"json":{"id":"${id}","name":"${'x'.repeat(5000)}"}}`,
    ]) {
      const { status, body: said } = await post(body);
      expect([body.slice(0, 20), status]).toEqual([body.slice(0, 20), 400]);
      expect(said).not.toMatch(/node_modules/);
    }
    expect((await store.runs.get(id)).name).toBe('<script>alert(1)</script>');
  });

  it('shows a name that is markup as the text that it is', async () => {
    const { page, context, problems } = await visit(browser);
    await page.goto(`${dashboard.address}/runs/${id}`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('<script>alert(1)</script>');
    expect(problems).toEqual([]);
    await context.close();
  });

  it('forbids what a page has no need of, in the head of every answer', async () => {
    const { headers } = await ask(`${dashboard.address}/runs`);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(headers['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'/);
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    const again = await ask(`${dashboard.address}/runs`);
    expect(again.headers['content-security-policy']).not.toBe(headers['content-security-policy']);
    expect((await ask(trpc('runs.list', {}))).headers['x-content-type-options']).toBe('nosniff');
  });

  it('serves this machine alone: no other host, no other site', async () => {
    const rename = { method: 'POST', body: JSON.stringify({ json: { id, name: 'taken over' } }) };
    const headers = { 'content-type': 'application/json' };
    const procedure = `${dashboard.address}/api/trpc/runs.rename`;
    const foreigners: readonly Record<string, string>[] = [
      { host: 'evil.example' },
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ];
    for (const foreign of foreigners) {
      expect((await ask(procedure, { ...rename, headers: { ...headers, ...foreign } })).status).toBe(403);
    }
    expect((await ask(`${dashboard.address}/runs`, { headers: { host: 'evil.example:80' } })).status).toBe(403);
    expect(
      (await ask(`${dashboard.address}/api/uploads`, { method: 'POST', headers: { origin: 'https://evil.example' } }))
        .status,
    ).toBe(403);
    // What a form of another site can send without being asked about it.
    expect((await ask(procedure, { ...rename, headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await store.runs.get(id)).name).toBe('<script>alert(1)</script>');
  });

  it('asks everybody for a token where it listens beyond this machine', async () => {
    const guarded = await startRampartDashboard(directory, { args: ['--host', '0.0.0.0'] });
    const { page, context, problems } = await visit(browser);
    try {
      const { origin, searchParams, port } = new URL(guarded.address);
      const token = searchParams.get('token')!;
      expect(token).toMatch(/^[\w-]{32}$/);
      const wrong = `${token.slice(1)}x`;
      const events = `${origin}/api/trpc/runs.events?input=${encodeURIComponent(JSON.stringify({ json: { id } }))}`;
      for (const cookie of ['', `rampart-token-${port}=${wrong}`]) {
        const head = { headers: { cookie } };
        expect((await ask(`${origin}/runs`, head)).status).toBe(401);
        expect((await ask(`${origin}/icon.svgx`, head)).status).toBe(401);
        expect((await ask(`${origin}/api/trpc/runs.list?input=%7B%7D`, head)).status).toBe(401);
        expect((await ask(events, head)).status).toBe(401);
        expect((await ask(`${origin}/api/uploads`, { ...head, method: 'POST' })).status).toBe(401);
      }
      expect((await ask(`${origin}/runs?token=${wrong}`)).status).toBe(401);
      // A visitor from elsewhere cannot pass for this machine, nor another name for this dashboard's.
      expect((await ask(`${origin}/runs`, { headers: { host: `127.0.0.1:${port}` } })).status).toBe(401);
      const cookie = `rampart-token-${port}=${token}`;
      expect((await ask(`${origin}/runs`, { headers: { cookie, host: 'evil.example' } })).status).toBe(403);
      const streamed = await ask(events, { headers: { cookie } });
      expect([streamed.status, streamed.headers['content-type']]).toEqual([200, 'text/event-stream']);

      await page.goto(`${origin}/runs`);
      await page.getByLabel('Token').fill(wrong);
      await page.getByRole('button', { name: 'Open' }).click();
      await page.getByRole('alert').filter({ hasText: 'That was not it' }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.goto(guarded.address);
      await page.getByRole('heading', { name: 'Runs' }).waitFor();
      expect(page.url()).toBe(`${origin}/runs`);
      // Whoever has been here follows a link from elsewhere to a page, as a colleague sends one.
      await page.goto('about:blank');
      await page.goto(`${origin}/runs/${id}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      // Browsers heed one of the headers over TLS alone, and say so.
      expect(problems.filter((problem) => !/401|Opener-Policy/.test(problem))).toEqual([]);
    } finally {
      await context.close();
      await guarded.stop();
    }
  });

  it.each([['short'], ['with a space in it, and long enough'], ['']])('refuses the token "%s"', async (token) => {
    const { code, stderr } = await rampart(['dashboard', '--store', directory, '--host', '0.0.0.0', '--token', token]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/16 to 200 letters, digits/);
  });

  describe('an upload', () => {
    const headers = { 'content-type': 'application/octet-stream' };
    const send = (body: Buffer, more: Record<string, string> = {}) =>
      ask(`${dashboard.address}/api/uploads`, { method: 'POST', headers: { ...headers, ...more }, body });

    it('that is no ONNX file, empty, or of another type, is refused', async () => {
      expect((await send(Buffer.from('\x89PNG\r\n\x1a\n'))).status).toBe(422);
      expect((await send(Buffer.alloc(0))).status).toBe(422);
      const form = await ask(`${dashboard.address}/api/uploads`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: '--x\r\ncontent-disposition: form-data; name="file"; filename="../../evil.onnx"\r\n\r\nx\r\n--x--',
      });
      expect(form.status).toBe(415);
    });

    it('that says it has a gibibyte is refused before it is sent', async () => {
      const refused = await new Promise<number>((resolve, reject) => {
        const request = httpRequest(
          `${dashboard.address}/api/uploads`,
          { method: 'POST', headers: { ...headers, 'content-length': String(2 ** 30) } },
          (response) => {
            resolve(response.statusCode!);
            request.destroy();
          },
        );
        request.once('error', reject);
        request.write(Buffer.alloc(1000, 8));
      });
      expect(refused).toBe(413);
    });

    it('is named by its content, whatever it was called', async () => {
      const { page, context, problems } = await visit(browser);
      await page.goto(`${dashboard.address}/swap-in`);
      const model = path.join(ROOT, 'test/fixtures/models/perceptron-torchscript-opset10.onnx');
      const { readFileSync } = await import('node:fs');
      const buffer = readFileSync(model);
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: '../../../evil.onnx', mimeType: 'application/octet-stream', buffer });
      await page.waitForURL(/artifact=[0-9a-f]{64}/);
      const artifact = new URL(page.url()).searchParams.get('artifact')!;
      expect(Buffer.from(await store.artifacts.read({ checksum: artifact, extension: 'onnx' }))).toEqual(buffer);
      await page
        .getByText(/^Waiting for/)
        .first()
        .waitFor();
      expect((await store.jobs.pending()).map((job) => [job.kind, job.request])).toEqual([['inspect', { artifact }]]);
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'x.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from('text') });
      await page.getByRole('alert').filter({ hasText: 'no ONNX file' }).waitFor();
      expect(problems.filter((problem) => !problem.includes('422'))).toEqual([]);
      await context.close();
    });
  });

  it.each([
    ['is missing', (place: string) => mkdirSync(place), /There is no store in/],
    [
      'is from a newer version',
      async (place: string) => {
        await (await openStore(place, { create: true })).close();
        const database = new DatabaseSync(path.join(place, DATABASE_FILE));
        database.exec(`insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')`);
        database.close();
      },
      /written by a newer version/,
    ],
  ])('says that a store %s, and shows it as soon as it is there', async (_what, make, message) => {
    const place = path.join(folder, `store-${Math.abs(message.source.length)}`);
    await make(place);
    const other = await startDashboard(place);
    const { page, context } = await visit(browser);
    try {
      await page.goto(`${other.address}/runs`);
      await page.getByRole('alert').filter({ hasText: message }).waitFor();
      rmSync(place, { recursive: true });
      await (await openStore(place, { create: true })).close();
      await page.reload();
      await page.getByText('No runs yet').waitFor();
    } finally {
      await context.close();
      await other.stop();
    }
  });

  it('serves a store that is written at full speed', async () => {
    let writing = true;
    const writer = (async () => {
      let count = 0;
      for (; writing; count++) {
        await store.events.append(id, { type: 'step-started', step: `s${count}`, kind: 'train', label: 'x' });
        await store.runs.update(id, { stepsDone: count });
        // SQLite answers at once: without a pause this process would hear nothing of its own requests.
        await new Promise((done) => setImmediate(done));
      }
      return count;
    })();
    const answers = [];
    for (let i = 0; i < 20; i++) answers.push((await ask(`${dashboard.address}/runs/${id}/log`)).status);
    writing = false;
    expect(await writer).toBeGreaterThan(20);
    expect(new Set(answers)).toEqual(new Set([200]));
  });
});

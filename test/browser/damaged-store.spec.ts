import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { DatabaseSync } from '@photostructure/sqlite';
import { DATABASE_FILE, openStore } from '@rampart/results';

import { rampart, temporaryFolder } from '../integration/rampart';
import { type Dashboard, startDashboard } from './dashboard';

describe('the dashboard of a damaged store', () => {
  const folder = temporaryFolder();
  const directory = path.join(folder, 'store');
  let dashboard: Dashboard;
  let model: { readonly checksum: string; readonly file: string };

  beforeAll(async () => {
    const store = await openStore(directory, { create: true });
    const written = await store.artifacts.write(Buffer.from('a model'), { name: 'model', extension: 'onnx' });
    model = { checksum: written.checksum, file: store.artifacts.address(written) };
    const { id } = await store.runs.create({
      name: 'one',
      planKey: 'plan',
      experiment: 'name: one',
      dataset: 'mnist',
      published: undefined,
      engine: 'onnx',
      seeds: [1],
      stepsTotal: 1,
    });
    await store.models.put([
      {
        runId: id,
        seed: 1,
        label: 'lenet5',
        step: 'train',
        parents: [],
        artifact: written.checksum,
        parameters: 1,
        engine: 'onnx',
        facts: {},
      },
    ] as unknown as Parameters<typeof store.models.put>[0]);
    await store.close();
    dashboard = await startDashboard(directory);
  });
  afterAll(() => dashboard?.stop());

  it('serves a model only while its bytes have the SHA-256 of its address', async () => {
    const address = `${dashboard.address}/api/models/${model.checksum}`;
    const sound = await fetch(address);
    expect([sound.status, await sound.text()]).toEqual([200, 'a model']);
    writeFileSync(model.file, readFileSync(model.file, 'utf8').replace('m', 'n'));
    const damaged = await fetch(address);
    expect([damaged.status, damaged.headers.get('cache-control')]).toEqual([503, 'no-store']);
    const text = await damaged.text();
    expect(text).toMatch(/^The file artifacts\/.*onnx of the store is damaged/);
    expect(text).not.toContain(folder);
  });

  it.each(['/runs/%E0%A4%A', '/%', '/api/models/%zz?x=1'])(
    'answers the malformed address %s with 400',
    async (place) => {
      const answer = await fetch(`${dashboard.address}${place}`);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  it('says that the database is damaged, goes on serving, and does not start on one that cannot be read', async () => {
    const database = new DatabaseSync(path.join(directory, DATABASE_FILE));
    database.exec(`update runs set tags = cast(x'ff41' as text)`);
    database.close();
    for (let visit = 0; visit < 3; visit++) {
      const page = await (await fetch(`${dashboard.address}/runs`)).text();
      expect(page).toContain('is damaged or is no store');
    }
    const noise = path.join(folder, 'noise');
    await (await openStore(noise, { create: true })).close();
    writeFileSync(path.join(noise, DATABASE_FILE), 'noise'.repeat(100));
    const { code, stderr } = await rampart(['dashboard', '--store', noise, '--port', '0']);
    expect([code, stderr.trim().split('\n')]).toEqual([1, [expect.stringContaining('is damaged or is no store')]]);
  });

  it('keeps its token apart from that of another on this host', async () => {
    const tokens = ['first-token-0123456789', 'second-token-0123456789'] as const;
    const both = await Promise.all(tokens.map((token) => startDashboard(directory, { RAMPART_TOKEN: token })));
    try {
      const cookies: string[] = [];
      for (const [index, { address }] of both.entries()) {
        const answer = await fetch(`${address}/runs?token=${tokens[index]}`, { redirect: 'manual' });
        cookies.push(answer.headers.get('set-cookie')!.split(';')[0]!);
      }
      expect(new Set(cookies.map((cookie) => cookie.split('=')[0])).size).toBe(2);
      for (const { address } of both) {
        expect((await fetch(`${address}/runs`, { headers: { cookie: cookies.join('; ') } })).status).toBe(200);
      }
      const twice = `${both[0]!.address}/runs?token=${tokens[0]}&token=${tokens[0]}`;
      expect((await fetch(twice, { redirect: 'manual' })).status).toBe(401);
    } finally {
      await Promise.all(both.map((one) => one.stop()));
    }
  });

  it.each(['short', 'aaaaaaaaaaaaaaaaaaaa'])('is not served with the token "%s"', async (token) => {
    const { code, stderr } = await rampart(['dashboard', '--store', directory, '--token', token]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/16 to 200 letters.*8 of them different/)]);
  });
});

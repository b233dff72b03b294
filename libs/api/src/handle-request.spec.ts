import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openStore, type Store } from '@rampart/results';

import { handleRequest } from './handle-request';
import { BODY_LIMIT } from './limited-body';

describe('a request to the API', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-request-'));
  let store: Store;

  beforeAll(async () => {
    store = await openStore(folder, { create: true });
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  async function post(procedure: string, body: string): Promise<{ status: number; text: string }> {
    const request = new Request(`http://127.0.0.1/api/trpc/${procedure}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const answer = await handleRequest(request, { endpoint: '/api/trpc', store: () => Promise.resolve(store) });
    return { status: answer.status, text: await answer.text() };
  }

  it.each(['null', '7', '[]', '{"json":', '{"other":1}', '{"json":{"id":"x"},"meta":{"values":{"id":["bigint"]}}}'])(
    'that no client sends is refused without quoting the code: %s',
    async (body) => {
      const { status, text } = await post('runs.cancel', body);
      expect(status).toBe(400);
      expect(text).not.toMatch(/destructure|undefined|BigInt|Unexpected|position/);
    },
  );

  it('is refused at once where it is larger than any procedure needs', async () => {
    const digits = '9'.repeat(BODY_LIMIT);
    const body = JSON.stringify({ json: { id: digits }, meta: { values: { id: ['bigint'] } } });
    expect(await post('runs.cancel', body)).toMatchObject({ status: 413, text: expect.stringContaining('64 KiB') });
  });

  it('refuses names that would steer a terminal', async () => {
    const body = JSON.stringify({ json: { id: 'x', name: '\u001b]0;title\u0007' } });
    const { status, text } = await post('runs.rename', body);
    expect(status).toBe(400);
    expect(text).toContain('no control characters');
  });

  it('says at once that there is no such model, or that it is damaged', async () => {
    const artifact = 'ab'.repeat(32);
    const asked = { artifact, name: 'mine', dataset: 'mnist', attacks: 'fgs' };
    for (const [procedure, input] of [
      ['swapIn.evaluate', asked],
      ['models.inspect', { artifact }],
    ] as const) {
      const { status, text } = await post(procedure, JSON.stringify({ json: input }));
      expect([status, text]).toEqual([404, expect.stringContaining('is missing. Bring the model to the store again.')]);
      expect(text).not.toContain(folder);
    }
    const written = await store.artifacts.write(Buffer.from('a model'), { name: 'model', extension: 'onnx' });
    writeFileSync(store.artifacts.address(written), 'b model');
    const { status, text } = await post('models.inspect', JSON.stringify({ json: { artifact: written.checksum } }));
    expect([status, text]).toEqual([404, expect.stringContaining('is damaged')]);
    expect(await store.jobs.pending()).toEqual([]);
  });

  it('leaves changes to those who may write, and notes who made each', async () => {
    const ask = async (role: 'read' | 'write', procedure: string, json: object) => {
      const answer = await handleRequest(
        new Request(`http://127.0.0.1/api/trpc/${procedure}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ json }),
        }),
        { endpoint: '/api/trpc', store: () => Promise.resolve(store), visitor: { name: 'ann', role } },
      );
      return { status: answer.status, text: await answer.text() };
    };
    const { id } = await store.runs.create({
      ...{ name: 'one', planKey: 'plan', experiment: '', dataset: 'mnist', published: undefined, engine: 'onnx' },
      ...{ seeds: [1], stepsTotal: 1 },
    });
    const before = (await store.writes.latest(100)).length;
    const refused = await ask('read', 'runs.rename', { id, name: 'other' });
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('lets you look')]);
    expect((await store.runs.get(id)).name).toBe('one');
    expect(await store.writes.latest(100)).toHaveLength(before);
    expect(await ask('write', 'runs.rename', { id, name: 'other' })).toMatchObject({ status: 200 });
    const [note] = await store.writes.latest(1);
    expect(note).toMatchObject({
      author: 'ann',
      action: 'runs.rename',
      subject: JSON.stringify({ id, name: 'other' }),
    });
  });

  it('says nothing of the places of this machine when the store cannot be opened', async () => {
    const answer = await handleRequest(
      new Request('http://127.0.0.1/api/trpc/runs.list?input=%7B%22json%22%3A%7B%7D%7D'),
      {
        endpoint: '/api/trpc',
        store: () => openStore(path.join(folder, 'nowhere')),
      },
    );
    const text = await answer.text();
    expect(text).toContain('There is no store in');
    expect(text).not.toContain(folder);
  });
});

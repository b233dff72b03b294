import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openStore, type Store } from './store';

describe('who may come to a store', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'rampart-access-'));
  let store: Store;

  beforeAll(async () => (store = await openStore(directory, { create: true, now: () => 1000 })));
  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('is known by a token that the store itself does not have', async () => {
    const token = await store.tokens.add('ann', 'write');
    const other = await store.tokens.add('ben', 'read');
    expect(await store.tokens.find(token)).toEqual({ name: 'ann', role: 'write', createdAt: 1000 });
    expect(await store.tokens.find(other)).toMatchObject({ name: 'ben', role: 'read' });
    expect(await store.tokens.find(`${token}x`)).toBeUndefined();
    const bytes = ['rampart.db', 'rampart.db-wal'].map((file) => readFileSync(path.join(directory, file), 'latin1'));
    expect(bytes.join('')).toContain('ann');
    expect(bytes.join('')).not.toContain(token.slice(10, 30));
  });

  it('is nobody any more whose token was removed', async () => {
    const token = await store.tokens.add('eve', 'write');
    await expect(store.tokens.add('eve', 'read')).rejects.toMatchObject({ code: 'usage' });
    await store.tokens.remove('eve');
    expect(await store.tokens.find(token)).toBeUndefined();
    expect((await store.tokens.list()).map(({ name }) => name)).toEqual(['ann', 'ben']);
    await expect(store.tokens.remove('eve')).rejects.toMatchObject({ code: 'usage' });
    await expect(store.tokens.add('a name', 'read')).rejects.toMatchObject({ code: 'usage' });
  });

  it('leaves a note of what was changed, the latest first', async () => {
    await store.writes.note({ author: 'ann', action: 'runs.rename', subject: 'x'.repeat(600) });
    await store.writes.note({ author: 'local', action: 'runs.remove', subject: 'run' });
    const [last, first] = await store.writes.latest(10);
    expect(last).toEqual({ at: 1000, author: 'local', action: 'runs.remove', subject: 'run' });
    expect(first?.subject).toHaveLength(500);
    expect(await store.writes.latest(1)).toHaveLength(1);
  });
});

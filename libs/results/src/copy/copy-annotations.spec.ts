import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openStore, type Store } from '../store';
import { copyStore } from './copy-store';

describe('what people say, copied into another store', () => {
  let folder: string;
  let [here, there]: Store[] = [];
  const copied = { run: 'a run' };
  const parted = { model: 'f'.repeat(64) };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rampart-copy-'));
    here = await openStore(path.join(folder, 'here'), { create: true });
    there = await openStore(path.join(folder, 'there'), { create: true });
  });
  afterEach(async () => {
    for (const store of [here, there]) await store?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const copy = () => copyStore({ from: here!.location, to: there!.location });
  const write = (store: Store, subject: typeof copied | typeof parted, text: string, seen: number) =>
    store.notes.write(subject, { text, author: 'ann', seen });
  const said = async (subject: typeof copied | typeof parted) =>
    (await there!.notes.history(subject)).map(({ text }) => text);

  it('is there whole, goes on with what is new, and leaves a note alone that went on otherwise there', async () => {
    await write(here!, copied, 'first', 0);
    await write(here!, parted, 'both', 0);
    await here!.models.tag(parted.model, ['candidate']);
    await here!.views.add('runs', { name: 'failed', query: 'state=failed', author: 'ann' });
    await copy();
    expect([await said(copied), await said(parted)]).toEqual([['first'], ['both']]);
    expect([...(await there!.models.tags([parted.model])).values()]).toEqual([['candidate']]);
    expect(await there!.views.list('runs')).toEqual(await here!.views.list('runs'));

    await write(here!, copied, 'second', 1);
    for (const [seen, text] of ['here', 'here again'].entries()) await write(here!, parted, text, seen + 1);
    await write(there!, parted, 'there', 1);
    await copy();
    expect([await said(copied), await said(parted)]).toEqual([
      ['second', 'first'],
      ['there', 'both'],
    ]);
  });
});

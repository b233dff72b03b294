import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openArtifacts } from './open-artifacts';

describe('checkpoints', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rampart-checkpoints-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const file = async () => {
    const [name] = await readdir(path.join(folder, 'checkpoints'));
    return path.join(folder, 'checkpoints', name!);
  };

  it('are one a part of a step, the last that was written, until they are removed', async () => {
    const { checkpoints, list } = await opened();
    expect(await checkpoints.read('a', 'part', 'maker')).toBeUndefined();
    await checkpoints.write('a', 'part', 'maker', [Buffer.from('first')]);
    await checkpoints.write('a', 'part', 'maker', [Buffer.from('sec'), Buffer.from('ond')]);
    await checkpoints.write('a', 'another part', 'maker', [Buffer.from('beside')]);
    await checkpoints.write('b', 'part', 'maker', [Buffer.from('other')]);
    expect(Buffer.from((await checkpoints.read('a', 'part', 'maker'))!).toString()).toBe('second');
    expect(Buffer.from((await checkpoints.read('a', 'another part', 'maker'))!).toString()).toBe('beside');
    await checkpoints.remove('b');
    expect(await readdir(path.join(folder, 'checkpoints'))).toHaveLength(2);
    await checkpoints.remove('a');
    await checkpoints.remove('a');
    expect(await checkpoints.read('a', 'part', 'maker')).toBeUndefined();
    expect(await readdir(path.join(folder, 'checkpoints'))).toEqual([]);
    expect(await list()).toEqual([]);
  });

  it('are none where they are not whole, were damaged, or are of another maker or step', async () => {
    const { checkpoints } = await opened();
    const content = Buffer.from('a state of some length');
    await checkpoints.write('a', 'part', 'maker', [content]);
    expect(await checkpoints.read('a', 'part', 'another maker')).toBeUndefined();
    const whole = await readFile(await file());
    for (const length of [whole.length - 1, 40, 10, 0]) {
      await truncate(await file(), length);
      expect(await checkpoints.read('a', 'part', 'maker')).toBeUndefined();
      await writeFile(await file(), whole);
    }
    whole[whole.length - 3]! ^= 1;
    await writeFile(await file(), whole);
    expect(await checkpoints.read('a', 'part', 'maker')).toBeUndefined();
    await checkpoints.write('a', 'part', 'maker', [content]);
    expect(Buffer.compare((await checkpoints.read('a', 'part', 'maker'))!, content)).toBe(0);
  });

  async function opened() {
    const store = await openArtifacts(folder);
    return { checkpoints: store.checkpoints, list: () => store.list() };
  }
});

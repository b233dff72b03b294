import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openDatabase } from './open-database';
import { DATABASE_FILE } from './open-folder';
import { openStore } from './store';

const PAGE = 4096;

describe('a page of the database that leads nowhere', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rampart-page-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is called damage where rows are read, too', async () => {
    const store = await openStore(folder, { create: true });
    const step = { key: 'k', kind: 'evaluate', label: 'l', output: {}, artifacts: [], seconds: 1, finishedAt: 1 };
    const instances = Array.from({ length: 500 }, (_, position) => ({
      ...{ evaluateStep: 'k', position, testIndex: position, label: 0, predictionBefore: 0, predictionAfter: 1 },
      ...{ confidenceBefore: 0.9, confidenceAfter: 0.6, distortion: 0.01, linf: 0.5, iterations: 3 },
    }));
    await store.steps.finish(step, instances);
    await store.close();
    const file = path.join(folder, DATABASE_FILE);
    const database = openDatabase(file, true);
    const { rootpage } = database.prepare("select rootpage from sqlite_master where name = 'instances'").get() as {
      rootpage: number;
    };
    database.close();
    const bytes = await readFile(file);
    // The last of the pages that the table's root leads to.
    bytes.writeUInt32BE(0x7fffffff, (rootpage - 1) * PAGE + 8);
    await writeFile(file, bytes);

    const damaged = await openStore(folder, { readOnly: true });
    await expect(damaged.instances.ofStep('k')).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringMatching(/is damaged or is no store: database disk image is malformed/) as string,
    });
    await damaged.close();
  });
});

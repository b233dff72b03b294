import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { writeWhole } from './write-report';

describe('a report in a file', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'report-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('takes the place of the old one, and nothing else stays', async () => {
    const file = join(folder, 'report.md');
    await writeFile(file, 'old');
    await writeWhole(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['report.md']);
  });

  it('is refused where there is no folder for it', async () => {
    await expect(writeWhole(join(folder, 'nowhere', 'report.md'), 'new')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(
        /nowhere.report\.md cannot be written: no such file or directory\. Name a file in a folder that exists/,
      ),
    });
  });

  it('leaves what stands in its way as it was', async () => {
    await expect(writeWhole(folder, 'new')).rejects.toMatchObject({ code: 'usage' });
    expect(await readdir(join(folder, '..'))).not.toContainEqual(expect.stringMatching(/report-.*\.tmp$/));
  });
});

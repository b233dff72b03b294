import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openArtifacts } from '@rampart/results';

import { withStoredFiles } from './with-stored-files';

describe('an experiment with model files of the store', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rampart-files-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('names them where this machine has them, and leaves others alone', async () => {
    const artifacts = await openArtifacts(folder);
    const ref = await artifacts.write(Buffer.from('a model'), { name: 'model', extension: 'onnx' });
    const name = path.posix.join(ref.checksum.slice(0, 2), `${ref.checksum}.onnx`);
    const own = path.join(folder, 'own.onnx');
    writeFileSync(own, '');
    const experiment = (...files: string[]) =>
      `models: ${JSON.stringify(files.map((file) => `onnx(path="${file}")`))}\n`;
    const text = await withStoredFiles(
      experiment(`s3://team/store/${name}`, `/elsewhere/artifacts/${name}`, artifacts.address(ref), own),
      artifacts,
    );
    const here = artifacts.address(ref);
    expect(text).toBe(experiment(here, here, here, own));
    expect(readFileSync(here, 'utf8')).toBe('a model');
    const lost = experiment(`s3://team/store/ab/${'ab'.repeat(32)}.onnx`);
    await expect(withStoredFiles(lost, artifacts)).rejects.toMatchObject({ code: 'damaged' });
  });
});

import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { findingsOf, rampart, ROOT, SMALL_EXPERIMENT, temporaryFolder } from '../integration/rampart';

const built = existsSync(path.join(ROOT, 'node_modules/@tensorflow/tfjs-node/lib'));
const whereItIs = built ? describe : describe.skip;

whereItIs("an experiment on tfjs-node's native library", () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'small.yaml');
  const run = async (engine: string, workers: number) => {
    const store = path.join(folder, `${engine}-${workers}`);
    const ended = await rampart([
      ...['run', file, '--json', '--store', store],
      ...['--engine', engine, '--workers', `${workers}`],
    ]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    return findingsOf(ended);
  };

  it('says nothing on stderr, and gives the same bytes with one worker and with two', async () => {
    writeFileSync(file, SMALL_EXPERIMENT);
    expect(await run('tfjs', 1)).toEqual(await run('tfjs', 2));
  });

  it('trains models that err as rarely as those of the onnx engine', async () => {
    writeFileSync(file, SMALL_EXPERIMENT);
    const cleanError = async (engine: string) =>
      (await run(engine, 2)).cells
        .filter((cell) => cell['mode'] === 'clean' && cell['metric'] === 'error-rate')
        .map((cell) => cell['value'] as number);
    const [ofTfjs, ofOnnx] = [await cleanError('tfjs'), await cleanError('onnx')];
    expect(ofTfjs).toHaveLength(2);
    ofTfjs.forEach((error, model) => expect(Math.abs(error - ofOnnx[model]!)).toBeLessThan(0.02));
  });
});

import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { findingsOf, rampart, ROOT, SMALL_EXPERIMENT, temporaryFolder } from '../integration/rampart';

const built = existsSync(path.join(ROOT, 'node_modules/@tensorflow/tfjs-node/lib'));
const whereItIs = built ? describe : describe.skip;

whereItIs("an experiment on tfjs-node's native library", () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'small.yaml');
  const run = async (workers: number) => {
    const store = path.join(folder, `${workers}`);
    const options = ['--json', '--store', store, '--engine', 'tfjs', '--workers', `${workers}`];
    const ended = await rampart(['run', file, ...options]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    return findingsOf(ended);
  };

  beforeAll(() => writeFileSync(file, SMALL_EXPERIMENT));

  it('says nothing on stderr, learns, and gives the same bytes with one worker and with two', async () => {
    const findings = await run(1);
    expect(await run(2)).toEqual(findings);
    const errors = findings.cells.filter((cell) => cell['mode'] === 'clean' && cell['metric'] === 'error-rate');
    expect(errors).toHaveLength(2);
    for (const { value } of errors) expect(value).toBeLessThan(0.1);
  });

  it('has another key than the same experiment on WebAssembly, whose models are other bytes', async () => {
    const key = async () => {
      const { stdout } = await rampart(['run', file, '--dry-run', '--json', '--engine', 'tfjs', '--store', folder]);
      return (JSON.parse(stdout) as { key: string }).key;
    };
    const native = await key();
    process.env['RAMPART_TFJS_BACKEND'] = 'wasm';
    const onWebAssembly = await key();
    delete process.env['RAMPART_TFJS_BACKEND'];
    expect(onWebAssembly).not.toBe(native);
  });
});

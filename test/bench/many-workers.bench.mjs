// What becomes of up to 1,000 workers at one PostgreSQL: a simulation with service times that are measured here.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export default function manyWorkersBench() {
  const options = ['--conditions=@rampart/source', '--require=@swc-node/register'];
  const { status } = spawnSync(process.execPath, [...options, join(root, 'test/cluster/many-workers.main.ts')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The workers could not be simulated.');
}

// What the dashboard asks of a store of 500 runs and 1 million attacked instances for each of its pages, in a folder and
// on PostgreSQL: milliseconds a query. The pages themselves are in `dashboard`.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export default function queriesBench() {
  const options = ['--conditions=@rampart/source', '--require=@swc-node/register'];
  const { status } = spawnSync(process.execPath, [...options, join(root, 'test/store/time-queries.ts')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The queries could not be timed.');
}

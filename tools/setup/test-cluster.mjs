// `npm run test:cluster`: the suites that need PostgreSQL and an S3 gateway, which must be there.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { nxEnvironment, root } from './install.mjs';
import { s3Gateway } from './s3-gateway.mjs';

const gateway = s3Gateway();
if (!gateway) {
  console.error('The S3 gateway for tests is not here, and Go, which builds it, is not installed.');
  process.exit(1);
}
const jest = join(root, 'node_modules/jest/bin/jest.js');
for (const args of [
  ['--config', 'jest.config.cjs', 'libs/results'],
  ['--config', 'test/jest.config.cjs', 'test/cluster'],
]) {
  const { status } = spawnSync(process.execPath, [jest, ...args, '--ci', '--runInBand'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...nxEnvironment(), RAMPART_CLUSTER: 'must' },
  });
  if (status !== 0) process.exit(1);
}

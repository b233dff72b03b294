import { spawnSync } from 'node:child_process';

import { ROOT } from '../integration/rampart';

it('every library exports what its report in etc/api says: a public interface does not change by accident', () => {
  const { stdout, stderr, status } = spawnSync('npm', ['run', '-s', 'api-reports', '--', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  // Meant? npm run build && npm run api-reports, and commit what changes.
  expect({ stdout, errors: status === 0 ? '' : stderr }).toEqual({ stdout: '', errors: '' });
});

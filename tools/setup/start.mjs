// `npm start`: installs what is missing, builds, and runs the main job with the dashboard beside it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { build, installDependencies, root } from './install.mjs';

const args = process.argv.slice(2);
installDependencies();
build({ dashboard: !args.includes('--no-dashboard') });

// In the user's folder, so that `--store results` means what it says there.
const child = spawn(process.execPath, [join(root, 'apps/trainer/bin/rampart.cjs'), 'start', ...args], {
  stdio: 'inherit',
  cwd: process.env.INIT_CWD ?? process.cwd(),
  // As the command says it to itself where Node can: see apps/trainer/src/memory-given-back.ts.
  env: { MALLOC_MMAP_THRESHOLD_: String(2 ** 20), ...process.env },
});
// Whatever stops this process stops the other; that one takes a signal that reaches it twice for one.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)));

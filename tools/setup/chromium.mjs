import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const CANDIDATES = [
  process.env.RAMPART_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The path of a Chromium for the browser tests: an installed one, else Debian's package, installed now. */
export function findChromium() {
  const found = () => CANDIDATES.find((path) => path && existsSync(path));
  if (!found() && existsSync('/usr/bin/apt-get')) {
    console.error('Installing Chromium for the browser tests ...');
    const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
    for (const command of [
      ['apt-get', 'update', '-qq'],
      ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'],
    ]) {
      const [program, ...args] = [...sudo, ...command];
      spawnSync(program, args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    }
  }
  const path = found();
  if (path) return path;
  console.error('The browser tests need a Chromium. Install one, or name it in RAMPART_CHROMIUM.');
  process.exit(1);
}

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = 'v1.8.0';
const PACKAGE = 'github.com/versity/versitygw/cmd/versitygw';
/** Of a build on two processors that have other things to do, several times over. */
const LIMIT_MS = 600_000;

/** Where the gateway that tests start is kept for this user. */
export const S3_GATEWAY = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'rampart',
  `versitygw-${VERSION}`,
  'versitygw',
);

/**
 * Versity's S3 gateway over a folder, built from the Go module of that version where Go is installed.
 * @returns the path of its program; undefined where it is not to be had
 */
export function s3Gateway() {
  if (existsSync(S3_GATEWAY)) return S3_GATEWAY;
  const go = ['go', '/usr/local/go/bin/go'].find((program) => spawnSync(program, ['version']).status === 0);
  if (!go) return undefined;
  console.error(`Building the S3 gateway for tests (${PACKAGE}@${VERSION}) ...`);
  const folder = join(S3_GATEWAY, '..');
  const work = `${folder}-${process.pid}`;
  mkdirSync(work, { recursive: true });
  const { status } = spawnSync(go, ['install', `${PACKAGE}@${VERSION}`], {
    env: { ...process.env, GOBIN: work, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: LIMIT_MS,
  });
  if (status === 0) {
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } else rmSync(work, { recursive: true, force: true });
  return existsSync(S3_GATEWAY) ? S3_GATEWAY : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(s3Gateway() ? 0 : 1);

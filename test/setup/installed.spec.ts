import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { missingPackages } from '../../tools/setup/installed.mjs';
import { ROOT, temporaryFolder } from '../integration/rampart';

interface LockFile {
  packages: Record<string, { version: string; integrity: string; optional?: boolean }>;
}

const RECORD = 'node_modules/.package-lock.json';

/** This workspace's packages under a lock file and a record of npm's that may be changed. */
const folder = temporaryFolder();

const read = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as LockFile;

function write(file: string, change: (packages: LockFile['packages']) => void): void {
  const lock = read(file);
  change(lock.packages);
  writeFileSync(path.join(folder, file), JSON.stringify(lock));
}

beforeAll(() => {
  mkdirSync(path.join(folder, 'node_modules'));
  for (const name of readdirSync(path.join(ROOT, 'node_modules')).filter((item) => !item.startsWith('.'))) {
    symlinkSync(path.join(ROOT, 'node_modules', name), path.join(folder, 'node_modules', name));
  }
  for (const name of ['libs', 'apps', 'tools']) symlinkSync(path.join(ROOT, name), path.join(folder, name));
});

beforeEach(() => {
  for (const file of ['package-lock.json', RECORD]) copyFileSync(path.join(ROOT, file), path.join(folder, file));
});

describe('what an installation lacks', () => {
  it('is nothing here, whatever other platforms have', () => {
    expect(missingPackages(folder)).toEqual([]);
  });

  it('is a package in another version, or of other content', () => {
    write('package-lock.json', (packages) => {
      packages['node_modules/zod']!.version = '4.0.0';
      packages['node_modules/commander']!.integrity = 'sha512-other';
    });
    expect(missingPackages(folder)).toEqual(['node_modules/commander', 'node_modules/zod']);
  });

  it('is a package that npm did not get to, and a binary for this platform', () => {
    const binary = Object.keys(read(RECORD).packages).find((name) => name.startsWith('node_modules/@swc/core-'))!;
    write(RECORD, (packages) => {
      for (const name of ['node_modules/zod', binary]) Reflect.deleteProperty(packages, name);
    });
    expect(missingPackages(folder)).toEqual([binary, 'node_modules/zod']);
  });

  it('is a package whose folder was deleted', () => {
    unlinkSync(path.join(folder, 'node_modules/zod'));
    expect(missingPackages(folder)).toEqual(['node_modules/zod']);
    symlinkSync(path.join(ROOT, 'node_modules/zod'), path.join(folder, 'node_modules/zod'));
  });

  it('is everything where npm never came to an end', () => {
    unlinkSync(path.join(folder, RECORD));
    expect(missingPackages(folder).length).toBeGreaterThan(800);
  });
});

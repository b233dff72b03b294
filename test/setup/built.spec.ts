import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { isBuilt, noteBuilt, sourcesOf } from '../../tools/setup/built.mjs';

describe('what is built', () => {
  let root: string;
  const file = (name: string, content = '') => {
    const whole = path.join(root, name);
    mkdirSync(path.dirname(whole), { recursive: true });
    writeFileSync(whole, content);
    return whole;
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'rampart-built-'));
    for (const name of ['package.json', 'package-lock.json', 'nx.json', 'tsconfig.base.json', 'tsconfig.json'])
      file(name);
    for (const project of ['libs/one', 'libs/two', 'apps/trainer', 'apps/dashboard'])
      file(`${project}/src/index.ts`, '1');
    for (const project of ['libs/one', 'libs/two', 'apps/trainer']) file(`${project}/dist/tsconfig.lib.tsbuildinfo`);
    file('apps/dashboard/.next/BUILD_ID');
    noteBuilt(root, sourcesOf(root));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  it('is what was noted, until a source changes, comes or goes', () => {
    expect(isBuilt(root)).toBe(true);
    file('libs/two/src/index.ts', '2');
    expect(isBuilt(root)).toBe(false);
    file('libs/two/src/index.ts', '1');
    expect(isBuilt(root)).toBe(true);
    const other = file('libs/two/src/other.ts');
    expect(isBuilt(root)).toBe(false);
    rmSync(other);
    expect(isBuilt(root)).toBe(true);
    file('package-lock.json', 'another');
    expect(isBuilt(root)).toBe(false);
  });

  it('is not what somebody has built or removed since', () => {
    const built = path.join(root, 'libs/one/dist/tsconfig.lib.tsbuildinfo');
    const later = statSync(path.join(root, '.nx/built-from')).mtimeMs / 1000 + 1;
    utimesSync(built, later, later);
    expect(isBuilt(root)).toBe(false);
    utimesSync(built, later - 60, later - 60);
    expect(isBuilt(root)).toBe(true);
    rmSync(path.join(root, 'apps/dashboard/.next/BUILD_ID'));
    expect(isBuilt(root)).toBe(false);
  });

  it('is nothing where nobody has noted it', () => {
    rmSync(path.join(root, '.nx'), { recursive: true });
    expect(isBuilt(root)).toBe(false);
  });
});

import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { discFiles } from '../../tools/workspace/src/disc';
import { kindNamed, kinds } from '../../tools/workspace/src/kinds';
import { componentsOf, type Files, gapsOf } from '../../tools/workspace/src/listing';

const ROOT = path.join(__dirname, '../..');
const disc = discFiles(ROOT);

describe.each(kinds)('every $name', (kind) => {
  it('has a source, a spec that calls the conformance kit, and a page', () => {
    expect(componentsOf(kind, disc).length).toBeGreaterThan(2);
    expect(gapsOf(kind, disc)).toEqual([]);
  });
});

it('every registry is what its folder makes, and every page tells what the code says', () => {
  const { stdout, stderr, status } = spawnSync('npm', ['run', '-s', 'docs', '--', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  // Out of date? npm run docs
  expect({ stdout, errors: status === 0 ? '' : stderr }).toEqual({ stdout: '', errors: '' });
});

describe('a component with something missing', () => {
  const kind = kindNamed('attack');
  /** The disc with some files changed: undefined is a file that is gone. */
  const changed = (changes: Readonly<Record<string, string | undefined>>): Files => ({
    list: (folder) => {
      const names = new Set(disc.list(folder));
      for (const [file, text] of Object.entries(changes)) {
        if (path.posix.dirname(file) !== folder) continue;
        if (text === undefined) names.delete(path.posix.basename(file));
        else names.add(path.posix.basename(file));
      }
      return [...names].sort();
    },
    read: (file) => (file in changes ? changes[file] : disc.read(file)),
  });

  it.each([
    [
      'no spec',
      { 'libs/attacks/src/fgs.spec.ts': undefined },
      /"fgs" has no spec: write libs\/attacks\/src\/fgs.spec.ts/,
    ],
    [
      'a spec that proves nothing',
      { 'libs/attacks/src/fgs.spec.ts': "it('is', () => {});" },
      /does not call the conformance kit/,
    ],
    [
      'no page',
      { 'docs/components/attacks/fgs.md': undefined },
      /"fgs" has no page: write docs\/components\/attacks\/fgs.md/,
    ],
    ['a page of nothing', { 'docs/components/attacks/old.md': '# old' }, /old.md is about no attack/],
    ['a spec of nothing', { 'libs/attacks/src/old.spec.ts': 'describeAttack(old);' }, /old.spec.ts proves no attack/],
  ])('is found: %s', (_what, changes, message) => {
    expect(gapsOf(kind, changed(changes))).toEqual([expect.stringMatching(message)]);
  });

  it('is found where the source is gone: spec and page are left over', () => {
    expect(gapsOf(kind, changed({ 'libs/attacks/src/fgs.ts': undefined }))).toHaveLength(2);
  });

  it('enters the registry by its file alone', () => {
    const files = changed({ 'libs/attacks/src/new-one.ts': 'export const newOne = defineAttack({' });
    expect(kind.register(componentsOf(kind, files))).toContain("import { newOne } from './new-one';");
  });
});

import path from 'node:path';

import { discFiles } from '../../tools/workspace/src/disc';
import { kinds } from '../../tools/workspace/src/kinds';
import { componentsOf, type Files, filesOf, gapsOf } from '../../tools/workspace/src/listing';
import { ROOT } from '../integration/rampart';
import { expectUpToDate } from './workspace';

const disc = discFiles(ROOT);

describe.each(kinds)('every $name', (kind) => {
  it('has a source, a spec that calls the conformance kit, and a page', () => {
    expect(componentsOf(kind, disc).length).toBeGreaterThan(2);
    expect(gapsOf(kind, disc)).toEqual([]);
  });
});

it('every registry is what its folder makes, and every page tells what the code says', () => {
  expectUpToDate('docs');
});

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

describe.each(kinds)('of every $name with something missing', (kind) => {
  const components = componentsOf(kind, disc);
  const [{ name, source, spec, page, exported }] = components as [(typeof components)[0]];
  const old = filesOf(kind, 'old');

  it.each<[string, Record<string, string | undefined>, string]>([
    ['no spec', { [spec]: undefined }, `"${name}" has no spec: write ${spec}`],
    ['a spec that proves nothing', { [spec]: "it('is', () => {});" }, `${spec} does not call the conformance kit`],
    ['no page', { [page]: undefined }, `"${name}" has no page: write ${page}`],
    ['a page of nothing', { [old.page]: '# old' }, `${old.page} is about no ${kind.name}`],
    ['a spec of nothing', { [old.spec]: disc.read(spec) }, `${old.spec} proves no ${kind.name}`],
  ])('it is found: %s', (_what, changes, message) => {
    expect(gapsOf(kind, changed(changes))).toEqual([expect.stringContaining(message)]);
  });

  it('it is found where the source is gone: spec and page are left over', () => {
    expect(gapsOf(kind, changed({ [source]: undefined }))).toHaveLength(2);
  });

  it('the registry is of the files alone: one that is added is in it, one that is gone is not', () => {
    const text = disc.read(source)!;
    const more = componentsOf(kind, changed({ [old.source]: text }));
    expect(kind.register(more)).toContain(`import { ${exported} } from './old';`);
    const fewer = componentsOf(kind, changed({ [source]: undefined }));
    expect(kind.register(fewer)).not.toContain(`'./${name}'`);
    expect(disc.read(kind.registry)).toContain(`'./${name}'`);
  });
});

import path from 'node:path';

import { discFiles } from '../../tools/workspace/src/disc';
import { kinds } from '../../tools/workspace/src/kinds';
import { componentsOf, type Files, filesOf, gapsOf } from '../../tools/workspace/src/listing';
import { isTold, withFacts, withMarks } from '../../tools/workspace/src/page';
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
    const below = new Set(disc.list(folder));
    for (const [file, text] of Object.entries(changes)) {
      if (!file.startsWith(`${folder}/`)) continue;
      if (text === undefined) below.delete(path.posix.relative(folder, file));
      else below.add(path.posix.relative(folder, file));
    }
    return [...below].sort();
  },
  read: (file) => (file in changes ? changes[file] : disc.read(file)),
});

describe('the page of a component', () => {
  const facts = { summary: 'It is.', source: 'Me', version: 1, parameters: [], file: 'libs/attacks/src/a.ts' };
  const made = withFacts(withMarks('a', undefined), facts);

  it('is begun where there is none, and has no second half then', () => {
    expect(made).toMatch(/^# a\n\n<!-- Made.*It is\..*by hand\. -->\n$/s);
    expect(isTold(made)).toBe(false);
  });

  it('is completed where there is no more than a second half', () => {
    const half = '## What it does\n\nThis.\n';
    const page = withFacts(withMarks('a', half), facts);
    expect(page).toBe(`${made}\n${half}`);
    expect(isTold(page)).toBe(true);
  });

  it('stays what it is by hand when the code changes', () => {
    const page = withFacts(withMarks('a', '## What it does\n\nThis.\n'), facts);
    const later = withFacts(withMarks('a', page), { ...facts, version: 2 });
    expect(later).toBe(page.replace('version 1', 'version 2'));
  });

  it('is refused without its marks', () => {
    expect(() => withFacts(withMarks('a', '# a\n\nThis.\n'), facts)).toThrow('lacks its marks');
  });
});

describe.each(kinds)('of every $name with something missing', (kind) => {
  const components = componentsOf(kind, disc);
  const [{ name, path: file, source, spec, page, exported }] = components as [(typeof components)[0]];
  const old = filesOf(kind, 'old', 'rather/deep');

  it.each<[string, Record<string, string | undefined>, string]>([
    ['no spec', { [spec]: undefined }, `"${name}" has no spec: write ${spec}`],
    ['a spec that proves nothing', { [spec]: "it('is', () => {});" }, `${spec} does not call the conformance kit`],
    ['no page', { [page]: undefined }, `"${name}" has no page: write ${page}`],
    ['a page without its second half', { [page]: withMarks(name, undefined) }, `${page} says nothing but`],
    ['a page of nothing', { [old.page]: '# old' }, `${old.page} is about no ${kind.name}`],
    ['a spec of nothing', { [old.spec]: disc.read(spec) }, `${old.spec} proves no ${kind.name}`],
  ])('it is found: %s', (_what, changes, message) => {
    expect(gapsOf(kind, changed(changes))).toEqual([expect.stringContaining(message)]);
  });

  it('it is found where two files declare one name', () => {
    const twin = filesOf(kind, name, 'rather/deep');
    const changes = { [twin.source]: disc.read(source), [twin.spec]: disc.read(spec) };
    const gaps = gapsOf(kind, changed(changes));
    expect(gaps).toEqual([expect.stringContaining('rename one of them')]);
    expect([source, twin.source].every((file) => gaps[0]!.includes(file))).toBe(true);
  });

  it('it is found where the source is gone: spec and page are left over', () => {
    expect(gapsOf(kind, changed({ [source]: undefined }))).toHaveLength(2);
  });

  it('the registry is of the files alone: one that is added is in it, one that is gone is not', () => {
    const text = disc.read(source)!;
    const more = componentsOf(kind, changed({ [old.source]: text }));
    expect(kind.register(more)).toContain(`import { ${exported} } from './rather/deep/old';`);
    const fewer = componentsOf(kind, changed({ [source]: undefined }));
    expect(kind.register(fewer)).not.toContain(`'./${file}'`);
    expect(disc.read(kind.registry)).toContain(`'./${file}'`);
  });
});

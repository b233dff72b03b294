import { posix } from 'node:path';

import type { Kind, RegisteredComponent } from './kinds';
import { isTold } from './page';

/** The part of a file tree that is read here: the disc, or what a generator is about to write. */
export interface Files {
  /** The files below a folder at any depth, from it: `white-box/pgd.ts`; none where there is no such folder. */
  list(folder: string): readonly string[];
  /** The text of a file; undefined where there is none. */
  read(file: string): string | undefined;
}

/** Where the three files of a component are, from the top of the workspace, present or not. */
export interface ComponentFiles extends RegisteredComponent {
  readonly source: string;
  readonly spec: string;
  readonly page: string;
}

/** The components of a kind, as its folder has them, in alphabetical order of their names. */
export function componentsOf(kind: Kind, files: Files): ComponentFiles[] {
  return files
    .list(kind.folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && `${kind.folder}/${file}` !== kind.registry)
    .flatMap((file) => {
      const exported = kind.exported.exec(files.read(`${kind.folder}/${file}`) ?? '')?.[1];
      return exported ? [{ ...filesOf(kind, posix.basename(file, '.ts'), posix.dirname(file)), exported }] : [];
    })
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/** The files of a component whose source is in a folder below the kind's. */
export function filesOf(kind: Kind, name: string, folder = '.'): Omit<ComponentFiles, 'exported'> {
  const path = posix.join(folder, name);
  return {
    name,
    path,
    source: `${kind.folder}/${path}.ts`,
    spec: `${kind.folder}/${path}.spec.ts`,
    page: `${kind.pages}/${name}.md`,
  };
}

/** What is missing or left over among sources, specs and pages of a kind, a sentence each; empty where all is well. */
export function gapsOf(kind: Kind, files: Files): string[] {
  const components = componentsOf(kind, files);
  const gaps = components.flatMap(({ name, spec, page }) => {
    const found: string[] = [];
    const text = files.read(spec);
    if (text === undefined) found.push(`${kind.name} "${name}" has no spec: write ${spec}.`);
    else if (!kind.kit.test(text))
      found.push(`${spec} does not call the conformance kit: expected ${kind.kit.source}.`);
    const told = files.read(page);
    if (told === undefined) found.push(`${kind.name} "${name}" has no page: write ${page}.`);
    else if (!isTold(told)) found.push(`${page} says nothing but what is made from the code: write its second half.`);
    return found;
  });
  const known = new Set(components.map(({ name }) => name));
  const proved = new Set(components.map(({ spec }) => spec));
  for (const { name, source } of components) {
    const first = components.find((other) => other.name === name)!;
    if (first.source !== source) gaps.push(`${source} has the name of ${first.source}: rename one of them.`);
  }
  for (const file of files.list(kind.pages)) {
    const name = file.replace(/\.md$/, '');
    if (!known.has(name))
      gaps.push(`${kind.pages}/${file} is about no ${kind.name}: there is no ${name}.ts that declares one.`);
  }
  for (const file of files.list(kind.folder)) {
    const spec = `${kind.folder}/${file}`;
    if (!file.endsWith('.spec.ts') || proved.has(spec) || !kind.kit.test(files.read(spec) ?? '')) continue;
    gaps.push(`${spec} proves no ${kind.name}: there is no ${spec.replace('.spec.ts', '.ts')} that declares one.`);
  }
  return gaps;
}

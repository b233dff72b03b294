import type { Kind, RegisteredComponent } from './kinds';

/** The part of a file tree that is read here: the disc, or what a generator is about to write. */
export interface Files {
  /** Names of the entries of a folder; none where there is no such folder. */
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

/** The components of a kind, as its folder has them, in alphabetical order. */
export function componentsOf(kind: Kind, files: Files): ComponentFiles[] {
  return files
    .list(kind.folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && `${kind.folder}/${file}` !== kind.registry)
    .flatMap((file) => {
      const exported = kind.exported.exec(files.read(`${kind.folder}/${file}`) ?? '')?.[1];
      return exported ? [{ ...filesOf(kind, file.slice(0, -'.ts'.length)), exported }] : [];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function filesOf(kind: Kind, name: string): Omit<ComponentFiles, 'exported'> {
  return {
    name,
    source: `${kind.folder}/${name}.ts`,
    spec: `${kind.folder}/${name}.spec.ts`,
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
    if (files.read(page) === undefined) found.push(`${kind.name} "${name}" has no page: write ${page}.`);
    return found;
  });
  const known = new Set(components.map(({ name }) => name));
  for (const file of files.list(kind.pages)) {
    const name = file.replace(/\.md$/, '');
    if (!known.has(name))
      gaps.push(`${kind.pages}/${file} is about no ${kind.name}: there is no ${kind.folder}/${name}.ts.`);
  }
  for (const file of files.list(kind.folder)) {
    const name = file.replace(/\.spec\.ts$/, '');
    if (name === file || known.has(name) || !kind.kit.test(files.read(`${kind.folder}/${file}`) ?? '')) continue;
    gaps.push(`${kind.folder}/${file} proves no ${kind.name}: there is no ${kind.folder}/${name}.ts.`);
  }
  return gaps;
}

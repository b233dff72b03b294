import { logger, type Tree } from '@nx/devkit';

import { type KindName, kindNamed } from '../kinds';
import { formatted } from '../formatted';
import { componentsOf, filesOf } from '../listing';
import registries, { treeFiles } from './registries';

export interface ComponentOptions {
  readonly name: string;
  /** Where its source and spec are, from its kind's folder. */
  readonly folder?: string;
}

/** What a generator of a kind writes, besides the registry. */
export interface ComponentTexts {
  readonly source: string;
  readonly spec: string;
  readonly page: string;
  /** What the author does next. */
  readonly next: string;
}

/** A component's name in the forms that code needs. */
export interface Names {
  /** random-sign */
  readonly name: string;
  /** randomSign */
  readonly camel: string;
  /** RandomSign */
  readonly pascal: string;
}

/** Writes source, spec and page of a new component, and the registries. */
export async function writeComponent(
  tree: Tree,
  kindName: KindName,
  { name, folder }: ComponentOptions,
  texts: (names: Names) => ComponentTexts,
): Promise<() => void> {
  const kind = kindNamed(kindName);
  const names = namesOf(name);
  const files = filesOf(kind, name, folder);
  const namesake = componentsOf(kind, treeFiles(tree)).find((other) => other.name === name);
  const { source, spec, page, next } = texts(names);
  for (const [file, text] of [
    [files.source, source],
    [files.spec, spec],
    [files.page, page],
  ] as const) {
    const taken = namesake?.source ?? (tree.exists(file) ? file : undefined);
    if (taken) throw new Error(`There is a ${taken} already. Choose another name, or remove it first.`);
    tree.write(file, await formatted(text, `${tree.root}/${file}`));
  }
  await registries(tree);
  return () => logger.info(`\nNext: ${next}\nThen: npx jest -c ${configOf(kind.folder)} ${name}`);
}

/** @throws Error where the name is not in kebab case */
export function namesOf(name: string): Names {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new Error(`Expected a name in kebab case, such as random-sign. Received: ${name}.`);
  }
  const pascal = name.replace(/(^|-)([a-z0-9])/g, (_match, _dash, letter: string) => letter.toUpperCase());
  return { name, pascal, camel: pascal[0]!.toLowerCase() + pascal.slice(1) };
}

function configOf(folder: string): string {
  return `${folder.split('/').slice(0, 2).join('/')}/jest.config.cjs`;
}

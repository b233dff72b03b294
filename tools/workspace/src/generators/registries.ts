import type { Tree } from '@nx/devkit';

import { kinds } from '../kinds';
import { registryOf } from '../formatted';
import type { Files } from '../listing';

/** Makes every registry anew from the files of its folder. */
export default async function registries(tree: Tree): Promise<void> {
  const files = treeFiles(tree);
  for (const kind of kinds) tree.write(kind.registry, await registryOf(kind, files, tree.root));
}

/** The files that a generator sees. */
export function treeFiles(tree: Tree): Files {
  return {
    list: (folder) => filesBelow(tree, folder).sort(),
    read: (file) => tree.read(file, 'utf-8') ?? undefined,
  };
}

function filesBelow(tree: Tree, folder: string): string[] {
  return tree.children(folder).flatMap((name) => {
    const entry = `${folder}/${name}`;
    return tree.isFile(entry) ? [name] : filesBelow(tree, entry).map((file) => `${name}/${file}`);
  });
}

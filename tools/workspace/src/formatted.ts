import { format, resolveConfig } from 'prettier';

import type { Kind } from './kinds';
import { componentsOf, type Files } from './listing';

/** The registry's file as the folder's files make it. */
export async function registryOf(kind: Kind, files: Files, root: string): Promise<string> {
  return formatted(kind.register(componentsOf(kind, files)), `${root}/${kind.registry}`);
}

/** A text in the workspace's format. */
export async function formatted(text: string, file: string): Promise<string> {
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

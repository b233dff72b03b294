import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

import { type ComponentDefinition, messageOf, type Plugin, RampartError } from '@rampart/core';
import { createJiti } from 'jiti';
import satisfies from 'semver/functions/satisfies';
import validRange from 'semver/ranges/valid';

/** A plugin that has been read and fits this version of Rampart. */
export interface LoadedPlugin {
  readonly name: string;
  readonly version: string;
  /** The file that was loaded. */
  readonly file: string;
  /** SHA-256 over every file of its own that it loads. */
  readonly content: string;
  readonly components: readonly ComponentDefinition[];
}

/** The packages that a plugin shares with Rampart, wherever the plugin is: one schema library, one error type. */
const SHARED = [
  '@rampart/core',
  '@rampart/onnx',
  '@rampart/models',
  '@rampart/training',
  '@rampart/attacks',
  '@rampart/audits',
  '@rampart/metrics',
  '@rampart/datasets',
  '@rampart/defenses',
  'zod',
];

const KINDS: readonly string[] = ['attack', 'defense', 'dataset', 'metric', 'audit', 'model'];

/** The version of @rampart/core that runs here. */
export const CORE_VERSION = (createRequire(__filename)('@rampart/core/package.json') as { version: string }).version;

const jiti = createJiti(__filename, {
  fsCache: false,
  interopDefault: true,
  alias: {
    ...Object.fromEntries(SHARED.map((name) => [name, require.resolve(name)])),
    // What architectures are written with is a dependency of models.
    '@tensorflow/tfjs-layers': createRequire(require.resolve('@rampart/models')).resolve('@tensorflow/tfjs-layers'),
  },
});

/**
 * Loads a plugin: a TypeScript or JavaScript file, a folder with a package.json, or the name of a package.
 * @param reference as an experiment file writes it; a path is relative to `folder`
 * @throws RampartError `usage` where it cannot be found, is no plugin, or is made for another version of Rampart
 */
export function loadPlugin(reference: string, folder: string): LoadedPlugin {
  const file = locate(reference, folder);
  let exported: unknown;
  try {
    const module = jiti(file) as { default?: unknown } | undefined;
    exported = module && 'default' in module ? module.default : module;
  } catch (error) {
    throw refuse(reference, `${file} cannot be loaded: ${messageOf(error)}`, error);
  }
  const plugin = checkPlugin(reference, exported);
  if (!validRange(plugin.core)) {
    throw refuse(
      reference,
      `it declares no range of core versions: expected something like "^${CORE_VERSION}" as core. Received: "${plugin.core}"`,
    );
  }
  if (!satisfies(CORE_VERSION, plugin.core)) {
    throw refuse(
      reference,
      `it works with @rampart/core ${plugin.core}, and this is ${CORE_VERSION}. Install a version of "${plugin.name}" for this one, or the Rampart that it is made for`,
    );
  }
  return {
    name: plugin.name,
    version: plugin.version,
    file,
    content: contentOf(file),
    components: plugin.components,
  };
}

function locate(reference: string, folder: string): string {
  const isPath = /^\.{0,2}[/\\]/.test(reference) || isAbsolute(reference) || reference.startsWith('.');
  if (isPath || existsSync(resolve(folder, reference))) {
    const path = resolve(folder, reference);
    if (!existsSync(path)) throw refuse(reference, `there is no ${path}`);
    return statSync(path).isDirectory() ? entryOf(reference, path) : path;
  }
  try {
    return createRequire(join(folder, 'experiment.yaml')).resolve(reference);
  } catch (error) {
    throw refuse(
      reference,
      `no package of that name is installed for ${folder}. Install it there, or name a file that begins with ./`,
      error,
    );
  }
}

function entryOf(reference: string, folder: string): string {
  try {
    return createRequire(join(folder, 'package.json')).resolve(folder);
  } catch (error) {
    throw refuse(reference, `${folder} has no package.json whose "main" is there`, error);
  }
}

function checkPlugin(reference: string, exported: unknown): Plugin {
  const plugin = exported as Partial<Plugin> | undefined;
  if (plugin?.kind !== 'plugin' || !plugin.name || !Array.isArray(plugin.components)) {
    throw refuse(
      reference,
      'its default export is no plugin. Expected: export default definePlugin({ name, version, core, components })',
    );
  }
  if (plugin.components.length === 0) throw refuse(reference, 'it has no components');
  for (const component of plugin.components as readonly (Partial<ComponentDefinition> | undefined)[]) {
    if (component?.name && component.params && KINDS.includes(component.kind ?? '')) continue;
    throw refuse(
      reference,
      `one of its components is none: expected what defineAttack, defineDefense, defineDataset, defineMetric, defineAudit or defineArchitecture returns. Received: ${component?.name ?? typeof component}`,
    );
  }
  return { version: '0.0.0', core: '', ...plugin } as Plugin;
}

/** Over the plugin's own modules; what is below node_modules has versions of its own. */
function contentOf(file: string): string {
  const own = new Set<string>();
  const visit = (name: string): void => {
    if (own.has(name) || !existsSync(name) || inNodeModules(relative(dirname(file), name))) return;
    own.add(name);
    for (const child of (jiti.cache[name]?.children ?? []) as readonly NodeJS.Module[]) visit(child.filename);
  };
  visit(file);
  const shared = SHARED.map((name) => dirname(dirname(require.resolve(name))));
  const hash = createHash('sha256');
  for (const name of [...own].sort()) {
    if (name !== file && shared.some((root) => name.startsWith(root + sep))) continue;
    hash.update(`${relative(dirname(file), name)}\n`).update(readFileSync(name));
  }
  return hash.digest('hex');
}

function inNodeModules(path: string): boolean {
  return path.split(sep).includes('node_modules');
}

function refuse(reference: string, reason: string, cause?: unknown): RampartError {
  return new RampartError({ code: 'usage', message: `Plugin "${reference}" is refused: ${reason}.`, cause });
}

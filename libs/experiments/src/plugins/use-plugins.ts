import { architectures } from '@rampart/models';
import { type ComponentDefinition, RampartError, type Registry } from '@rampart/core';

import { attacks, audits, datasets, defenses, metrics, modelSources } from '../components';
import { contain } from './contain';
import { type LoadedPlugin, loadPlugin } from './load-plugin';

/** A plugin that an experiment uses: enough for another thread to load the same. */
export interface PluginRef {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly content: string;
}

/** Where the components of each kind go. */
const registries = {
  attack: [attacks],
  defense: [defenses],
  dataset: [datasets],
  metric: [metrics],
  audit: [audits],
  model: [architectures, modelSources],
} as unknown as Readonly<Record<string, readonly Registry<ComponentDefinition>[]>>;

/**
 * Loads a plugin and adds its components to the registries of this thread. The same plugin a second time changes
 * nothing.
 * @throws RampartError `usage` where it is refused, or one of its names is taken
 */
export function usePlugin(reference: string, folder: string): PluginRef {
  const plugin = loadPlugin(reference, folder);
  for (const component of plugin.components) {
    for (const registry of registries[component.kind]!) add(registry, contain(component, plugin), plugin);
  }
  const { name, version, file, content } = plugin;
  return { name, version, file, content };
}

/**
 * Adds the plugins of an experiment in another thread.
 * @throws RampartError `bad-data` where a file changed since the plan was made
 */
export function usePlannedPlugins(plugins: readonly PluginRef[]): void {
  for (const planned of plugins) {
    const { content } = usePlugin(planned.file, '/');
    if (content === planned.content) continue;
    throw new RampartError({
      code: 'bad-data',
      message: `Plugin "${planned.name}" (${planned.file}) changed after the run was planned. Run the experiment again.`,
    });
  }
}

function add(registry: Registry<ComponentDefinition>, component: ComponentDefinition, plugin: LoadedPlugin): void {
  if (!registry.has(component.name)) {
    registry.add(component);
    return;
  }
  if (registry.get(component.name).origin === component.origin) return;
  const { origin } = registry.get(component.name);
  if (origin?.startsWith(`plugin ${plugin.name} `)) {
    throw new RampartError({
      code: 'usage',
      message: `Plugin "${plugin.name}" (${plugin.file}) changed after this process had loaded it. Start the process anew.`,
    });
  }
  throw new RampartError({
    code: 'usage',
    message: `Plugin "${plugin.name}" has the ${component.kind} "${component.name}", and so has ${origin ?? 'Rampart itself'}. Rename it in the plugin.`,
  });
}

// A process of its own for one component of a plugin, so that whatever it does ends with the process.
import {
  type ComponentDefinition,
  type ComponentSpec,
  formatComponent,
  messageOf,
  Registry,
  unknownName,
} from '@rampart/core';

import { components as related } from '../components';
import type { CheckMessage, CheckRequest } from './check-plugin';
import { lawsOf } from './laws-of';
import { type LoadedPlugin, loadPlugin } from './load-plugin';
import { usePlugin } from './use-plugins';

async function check({ reference, folder, component, dataDir }: CheckRequest): Promise<void> {
  const plugin = loadPlugin(reference, folder);
  usePlugin(reference, folder);
  const { definition, spec } = chosen(plugin, component);
  const { name, version, components } = plugin;
  const onTrial = { kind: definition.kind, name: definition.name, label: formatComponent(spec) };
  send({ type: 'plugin', name, version, size: components.length, component: onTrial });
  const laws = await lawsOf(definition, spec.params, dataDir);
  send({ type: 'laws', names: laws.map((law) => law.name) });
  for (const law of laws) {
    try {
      await law.check();
      send({ type: 'verdict', ok: true, message: '' });
    } catch (error) {
      send({ type: 'verdict', ok: false, message: messageOf(error) });
    }
  }
}

interface OnTrial {
  readonly definition: ComponentDefinition;
  /** With the parameters that were asked for, and no others. */
  readonly spec: ComponentSpec;
}

/** @throws RampartError `usage` where the plugin has no such component, or it does not take such parameters */
function chosen({ name, components }: LoadedPlugin, component: number | ComponentSpec): OnTrial {
  if (typeof component === 'number') {
    const definition = components[component]!;
    return { definition, spec: { name: definition.name, params: {} } };
  }
  const definition = components.find((one) => one.name === component.name);
  if (!definition) {
    const known = components.map((one) => one.name);
    throw unknownName(`component of plugin "${name}":`, component.name, known);
  }
  if (Object.keys(component.params).length > 0) {
    new Registry(definition.kind, [definition]).resolve(component, related);
  }
  return { definition, spec: component };
}

function send(message: CheckMessage): void {
  process.send?.(message);
}

process.once('message', (request: CheckRequest) => {
  check(request).then(
    () => process.disconnect(),
    (error: unknown) => {
      send({ type: 'failed', message: messageOf(error) });
      process.disconnect();
    },
  );
});

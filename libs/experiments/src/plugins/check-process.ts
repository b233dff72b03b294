// A process of its own for one component of a plugin, so that whatever it does ends with the process.
import { messageOf } from '@rampart/core';

import type { CheckMessage, CheckRequest } from './check-plugin';
import { lawsOf } from './laws-of';
import { loadPlugin } from './load-plugin';
import { usePlugin } from './use-plugins';

async function check({ reference, folder, component: index, dataDir }: CheckRequest): Promise<void> {
  const { name, version, components } = loadPlugin(reference, folder);
  usePlugin(reference, folder);
  send({ type: 'plugin', name, version, components: components.map((item) => ({ kind: item.kind, name: item.name })) });
  const laws = await lawsOf(components[index]!, dataDir);
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

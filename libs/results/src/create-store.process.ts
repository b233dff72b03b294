import { openStore } from './store';

/** Makes stores that others make at the same moments, each at its time; started by crash.spec.ts. */
async function main(...stores: readonly string[]): Promise<void> {
  for (const [index, directory] of stores.slice(1).entries()) {
    const at = Number(stores[0]) + 300 * index;
    while (Date.now() < at);
    await (await openStore(directory, { create: true })).close();
  }
}

void main(...process.argv.slice(2));

import { openStore } from '@rampart/results';

/** What a store has of every step, but for times: its output and the checksums of its files, by the step's key. */
export async function stepResults(location: string): Promise<Readonly<Record<string, unknown>>> {
  const store = await openStore(location, { readOnly: true });
  try {
    const records = await store.steps.findAll(await store.steps.keys());
    return Object.fromEntries(
      records
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ key, label, output, artifacts }) => [
          key,
          { label, output, files: artifacts.map(({ name, checksum }) => `${name} ${checksum}`) },
        ]),
    );
  } finally {
    await store.close();
  }
}

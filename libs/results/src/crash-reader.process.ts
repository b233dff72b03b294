import { openStore } from './store';

/** Opens a store, says whether it has a step, and closes it; started by crash.spec.ts. */
async function main(directory: string, key: string): Promise<void> {
  const store = await openStore(directory);
  process.stdout.write((await store.steps.find(key)) ? 'found' : 'missing');
  await store.close();
}

void main(process.argv[2]!, process.argv[3]!);

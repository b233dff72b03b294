import { openStore, type Store } from '@rampart/results';
import { Argument } from 'commander';

/** `RUN`: which run is meant. */
export function runArgument(): Argument {
  return new Argument('<run>', 'its identity, the beginning of it or of its last six digits, or "latest"');
}

/** Does something with an existing store. @throws RampartError as `openStore` does */
export async function withStore<T>(
  directory: string,
  { readOnly }: { readonly readOnly: boolean },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore(directory, { readOnly });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

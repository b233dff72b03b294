import { openStore, type Store } from '@rampart/results';

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

import 'server-only';

import { openStore, type Store } from '@rampart/api';

/** One open store for the life of the server, also across reloads of this module in development. */
const holder = globalThis as { rampartStore?: { directory: string; opened: Promise<Store> } };

/** The folder of the store, as it was named to the server. */
export function storeName(): string {
  return process.env['RAMPART_STORE'] ?? '.rampart';
}

/** The store that RAMPART_STORE names. One that cannot be opened is tried again at the next request. */
export function store(): Promise<Store> {
  const directory = storeName();
  if (holder.rampartStore?.directory !== directory) {
    const opened = openStore(directory);
    holder.rampartStore = { directory, opened };
    opened.catch(() => {
      if (holder.rampartStore?.opened === opened) delete holder.rampartStore;
    });
  }
  return holder.rampartStore.opened;
}

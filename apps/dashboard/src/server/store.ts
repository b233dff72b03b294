import 'server-only';

import { openStore, type Store } from '@rampart/api';

/** One open store for the life of the server, also across reloads of this module in development. */
const holder = globalThis as { rampartStore?: { directory: string; opened: Promise<Store> } };

/**
 * The store as it was named to the server, for commands that mean the same one. The address of a database has its
 * password in it: who has that has it in the environment.
 */
export function storeName(): string {
  const name = process.env['RAMPART_STORE'] ?? '.rampart';
  return name.includes('://') ? '$RAMPART_STORE' : name;
}

/** The store that RAMPART_STORE names. One that cannot be opened is tried again at the next request. */
export function store(): Promise<Store> {
  const directory = process.env['RAMPART_STORE'] ?? '.rampart';
  if (holder.rampartStore?.directory !== directory) {
    const opened = openStore(directory);
    holder.rampartStore = { directory, opened };
    opened.catch(() => {
      if (holder.rampartStore?.opened === opened) delete holder.rampartStore;
    });
  }
  return holder.rampartStore.opened;
}

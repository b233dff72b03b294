import { textTable } from '@rampart/reports';
import { openStore, type Role, type Store } from '@rampart/results';

import { noteWrite } from '../note-write';
import { terminal } from '../terminal';

export interface StoreArguments {
  readonly store: string;
}

/** `rampart token log`. */
export async function log({ store, limit }: StoreArguments & { limit: number }): Promise<void> {
  await onStore(store, async ({ writes }) => {
    const rows = (await writes.latest(limit)).map((one) => [time(one.at), one.author, one.action, one.subject]);
    print(['at', 'author', 'what', 'with'], rows);
  });
}

/** `rampart token list`. */
export async function list({ store }: StoreArguments): Promise<void> {
  await onStore(store, async ({ tokens }) => {
    const rows = (await tokens.list()).map(({ name, role, createdAt }) => [name, role, time(createdAt)]);
    print(['name', 'role', 'since'], rows);
  });
}

/** `rampart token remove`. */
export async function remove(name: string, { store }: StoreArguments): Promise<void> {
  await onStore(store, async (opened) => {
    await opened.tokens.remove(name);
    await noteWrite(opened, 'token.remove', { name });
  });
}

/** `rampart token add`. */
export async function add(name: string, { role, store }: StoreArguments & { role: Role }): Promise<void> {
  await onStore(store, async (opened) => {
    const token = await opened.tokens.add(name, role);
    await noteWrite(opened, 'token.add', { name, role });
    process.stdout.write(`${token}\n`);
  });
}

async function onStore(location: string, work: (store: Store) => Promise<unknown>): Promise<void> {
  const store = await openStore(location);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  process.stdout.write(`${textTable(head, rows, terminal())}\n`);
}

function time(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

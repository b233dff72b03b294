import type { BatchedSession } from './batched-session';

/** Sessions by name, each opened when it is first asked for. */
export class OpenedOnce<T extends { readonly session: BatchedSession }> {
  private readonly known = new Map<string, Promise<T>>();

  /** @param open is given the name; where it fails, the next one who asks tries again */
  get<K extends string>(name: K, open: (name: K) => Promise<T>): Promise<T> {
    const known = this.known.get(name);
    if (known) return known;
    const opening = open(name);
    this.known.set(name, opening);
    // What could not be opened needs no disposal.
    opening.catch(() => this.known.delete(name));
    return opening;
  }

  async dispose(): Promise<void> {
    for (const opening of this.known.values()) {
      // One that could not be opened has told its caller; there is nothing to give back.
      const opened = await opening.catch(() => undefined);
      await opened?.session.dispose();
    }
  }
}

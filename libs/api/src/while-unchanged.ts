import type { Store } from '@rampart/results';

interface Kept {
  readonly state: string;
  readonly answer: Promise<unknown>;
}

/** Answers that are kept of one store: every form of a page that somebody goes to and fro between. */
const KEPT = 16;

const answersOf = new WeakMap<Store, Map<string, Kept>>();

/**
 * What depends on the store alone, worked out once for as long as nobody writes to the store. Where the store cannot say
 * whether anybody has, it is worked out each time.
 * @param name what is asked for, with all that the answer depends on
 */
export async function whileUnchanged<T>(store: Store, name: string, work: () => Promise<T>): Promise<T> {
  // Before the work, so that what is written meanwhile makes the answer one of an earlier state.
  const state = await store.state();
  if (state === undefined) return work();
  const answers = answersOf.get(store) ?? new Map<string, Kept>();
  answersOf.set(store, answers);
  const kept = answers.get(name);
  answers.delete(name);
  const next = kept?.state === state ? kept : { state, answer: work() };
  if (answers.size >= KEPT) answers.delete(answers.keys().next().value!);
  answers.set(name, next);
  try {
    return (await next.answer) as T;
  } catch (error) {
    if (answers.get(name) === next) answers.delete(name);
    throw error;
  }
}

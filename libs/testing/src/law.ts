import { messageOf } from '@rampart/core';

/** The verdict on one law that a component must keep. */
export interface Law {
  /** What a sound component does: "stays inside the pixel box". */
  readonly name: string;
  readonly ok: boolean;
  /** Where it is broken: what was found and what to do. Empty where it is kept. */
  readonly message: string;
}

/** A law and how it is checked: `check` throws where the law is broken. */
export interface LawCheck {
  readonly name: string;
  readonly check: () => void | Promise<void>;
}

/** Thrown by a check whose law is broken. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** Throws `Broken` with the message unless the condition holds. */
export function demand(condition: boolean, message: () => string): void {
  if (!condition) throw new Broken(message());
}

/** Checks one law after the other and returns every verdict; never throws. */
export async function judge(checks: readonly LawCheck[]): Promise<Law[]> {
  const laws: Law[] = [];
  for (const { name, check } of checks) {
    try {
      await check();
      laws.push({ name, ok: true, message: '' });
    } catch (error) {
      laws.push({ name, ok: false, message: messageOf(error) });
    }
  }
  return laws;
}

/** The part of a test runner that specs here need: Jest's, or any other with its globals. */
interface TestRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>, timeout?: number): void;
}

/** Makes one test of every law, under a heading. */
export function describeLaws(heading: string, checks: readonly LawCheck[]): void {
  const runner = globalThis as unknown as TestRunner;
  runner.describe(heading, () => {
    for (const { name, check } of checks) {
      runner.it(name, async () => check(), 60_000);
    }
  });
}

/** Computes a value when it is first asked for, and never again. */
export function once<T>(compute: () => T): () => T {
  let value: { readonly of: T } | undefined;
  return () => (value ??= { of: compute() }).of;
}

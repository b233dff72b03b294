import type { StepRecord } from '@rampart/results';
import { z } from 'zod';

/** Versions of the components that steps of a kind were done with. */
export interface MadeWith {
  /** Kind of the steps: `train`, `harden`, `attack`, `evaluate`. */
  readonly kind: string;
  /** Code versions by component, the core's among them; empty where it was not recorded. */
  readonly versions: Readonly<Record<string, string>>;
}

const recorded = z.object({ versions: z.record(z.string(), z.union([z.string(), z.number()])) });

/** What steps were done with, each kind once. A component of two versions has both. */
export function madeWith(steps: readonly StepRecord[]): MadeWith[] {
  return [...new Set(steps.map((step) => step.kind))].map((kind) => {
    const versions = new Map<string, Set<string>>();
    for (const step of steps.filter((one) => one.kind === kind)) {
      for (const [name, version] of Object.entries(recorded.safeParse(step.output).data?.versions ?? {})) {
        versions.set(name, (versions.get(name) ?? new Set()).add(String(version)));
      }
    }
    return {
      kind,
      versions: Object.fromEntries([...versions].map(([name, all]) => [name, [...all].sort().join(', ')])),
    };
  });
}

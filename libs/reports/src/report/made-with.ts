import type { CellRecord, StepRecord, Store } from '@rampart/results';

/** Versions of the components that steps of a kind were done with. */
export interface MadeWith {
  /** Kind of the steps: `train`, `harden`, `attack`, `evaluate`. */
  readonly kind: string;
  /** Code versions by component, the core's among them; empty where it was not recorded. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What steps were done with, each kind once. A component of two versions has both. */
export function madeWith(steps: readonly StepRecord[]): MadeWith[] {
  return [...new Set(steps.map((step) => step.kind))].map((kind) => {
    const versions = new Map<string, Set<string>>();
    for (const step of steps.filter((one) => one.kind === kind)) {
      for (const [name, version] of Object.entries(recordedVersions(step.output))) {
        versions.set(name, (versions.get(name) ?? new Set()).add(String(version)));
      }
    }
    return {
      kind,
      versions: Object.fromEntries([...versions].map(([name, all]) => [name, [...all].sort().join(', ')])),
    };
  });
}

/** What the results of a run were made with, of which these are the cells. */
export async function madeWithOf(
  store: Pick<Store, 'models' | 'steps'>,
  runId: string,
  cells: readonly CellRecord[],
): Promise<MadeWith[]> {
  const keys = new Set((await store.models.ofRun(runId)).map((one) => one.step));
  // The steps of one attack have one version: the first of each will do.
  for (const attack of new Set(cells.map((cell) => cell.attack))) {
    const { attackStep, evaluateStep } = cells.find((cell) => cell.attack === attack)!;
    keys.add(evaluateStep);
    if (attackStep !== undefined) keys.add(attackStep);
  }
  return madeWith(await store.steps.findAll([...keys]));
}

function recordedVersions(output: unknown): Readonly<Record<string, unknown>> {
  const versions: unknown = (output as { readonly versions?: unknown } | null | undefined)?.versions;
  return typeof versions === 'object' && versions !== null ? (versions as Record<string, unknown>) : {};
}

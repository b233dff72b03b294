import type { EventRecord, RunStepState, RunSummary, Store } from '@rampart/results';

/** A step that is under way. */
export interface ActiveStep {
  readonly key: string;
  readonly label: string;
  /** Undefined before it has told. */
  readonly done: number | undefined;
  readonly total: number | undefined;
  readonly unit: string | undefined;
  readonly detail: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** How far a run is. */
export interface RunProgress {
  readonly active: readonly ActiveStep[];
  /** A prediction from what such steps took before; undefined where nothing is known of them. */
  readonly secondsLeft: number | undefined;
}

/** Events to look back for the steps under way: more than the steps that start between two finished ones. */
const LOOK_BACK = 400;

/** How far a running run is; undefined for any other. */
export async function runProgress(store: Store, run: RunSummary): Promise<RunProgress | undefined> {
  if (run.state !== 'running') return undefined;
  const [events, steps] = await Promise.all([store.events.latest(run.id, LOOK_BACK), store.runSteps.ofRun(run.id)]);
  const active = activeSteps(events, steps);
  const open = steps.filter((step) => step.finishedAt === undefined);
  const known = await store.steps.durations([...new Set(open.map((step) => step.label))]);
  return { active, secondsLeft: secondsLeft(steps, active, new Map(known.map((one) => [one.label, one.seconds]))) };
}

/** The steps that have started since the run did and have not finished. */
export function activeSteps(events: readonly EventRecord[], steps: readonly RunStepState[]): ActiveStep[] {
  const finished = new Set(steps.filter((step) => step.finishedAt !== undefined).map((step) => step.key));
  const active = new Map<string, ActiveStep>();
  for (const { event, at } of events) {
    if (event.type === 'run-started') active.clear();
    if (event.type === 'step-started') {
      const untold = { done: undefined, total: undefined, unit: undefined, detail: undefined };
      active.set(event.step, { key: event.step, label: event.label, startedAt: at, ...untold });
    }
    if (event.type === 'step-progress') {
      const label = steps.find((step) => step.key === event.step)?.label ?? '';
      const { key, startedAt } = active.get(event.step) ?? { key: event.step, startedAt: at };
      const { done, total, unit, detail } = event;
      active.set(event.step, {
        key,
        label: active.get(event.step)?.label ?? label,
        startedAt,
        done,
        total,
        unit,
        detail,
      });
    }
    if (event.type === 'step-finished') active.delete(event.step);
  }
  return [...active.values()].filter((step) => !finished.has(step.key));
}

/**
 * Seconds until every step is finished, if as many go on at once as do now. A step is taken to last as long as
 * steps of its label did before, else as long as the finished ones of its kind in this run.
 */
export function secondsLeft(
  steps: readonly RunStepState[],
  active: readonly ActiveStep[],
  byLabel: ReadonlyMap<string, number>,
): number | undefined {
  const kinds = new Map<string, { sum: number; count: number }>();
  for (const { kind, seconds } of steps) {
    if (seconds === undefined) continue;
    const entry = kinds.get(kind) ?? { sum: 0, count: 0 };
    kinds.set(kind, { sum: entry.sum + seconds, count: entry.count + 1 });
  }
  let left = 0;
  for (const step of steps) {
    if (step.finishedAt !== undefined) continue;
    const kind = kinds.get(step.kind);
    const whole = byLabel.get(step.label) ?? (kind && kind.sum / kind.count);
    if (whole === undefined) return undefined;
    const running = active.find((one) => one.key === step.key);
    const share = running?.total ? (running.done ?? 0) / running.total : 0;
    left += whole * (1 - share);
  }
  return left / Math.max(1, active.length);
}

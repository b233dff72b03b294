import {
  type EventRecord,
  remainingSeconds,
  type RunStepState,
  type RunSummary,
  StepDurations,
  type Store,
} from '@rampart/results';

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
  return { active, secondsLeft: await secondsLeft(store, steps, active) };
}

/** From what the run's own steps took, and those of other runs that are called like its open ones. */
async function secondsLeft(
  store: Store,
  steps: readonly RunStepState[],
  active: readonly ActiveStep[],
): Promise<number | undefined> {
  const durations = new StepDurations();
  const open = steps.filter((step) => step.finishedAt === undefined);
  const known = await store.steps.durations([...new Set(open.map((step) => step.label))]);
  for (const { kind, label, seconds, count } of known) durations.learn(kind, label, seconds, count);
  for (const { kind, label, seconds } of steps) if (seconds !== undefined) durations.learn(kind, label, seconds);
  const outlook = open.map(({ key, kind, label }) => {
    const step = active.find((one) => one.key === key);
    return {
      kind,
      label,
      elapsed: step && (store.now() - step.startedAt) / 1000,
      fraction: step?.total ? (step.done ?? 0) / step.total : 0,
    };
  });
  return remainingSeconds(outlook, durations, Math.max(1, active.length));
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

import {
  type EventRecord,
  paceText,
  type RunStepState,
  type RunSummary,
  type Store,
  timeLeftText,
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
  /** `31 instances/s`; undefined where it is too early to tell. */
  readonly pace?: string | undefined;
}

/** How far a run is. */
export interface RunProgress {
  readonly active: readonly ActiveStep[];
  /** `about 3 min left`, as its terminal says; undefined where its process has not told yet. */
  readonly left: string | undefined;
}

/** Events to look back for the steps under way: more than the steps that start between two finished ones. */
const LOOK_BACK = 400;

/** How far a running run is; undefined for any other. */
export async function runProgress(store: Store, run: RunSummary): Promise<RunProgress | undefined> {
  if (run.state !== 'running') return undefined;
  const [events, steps] = await Promise.all([store.events.latest(run.id, LOOK_BACK), store.runSteps.ofRun(run.id)]);
  const now = store.now();
  const active = activeSteps(events, steps).map((step) => ({
    ...step,
    pace: step.done === undefined ? undefined : paceText(step.done, (now - step.startedAt) / 1000, step.unit ?? ''),
  }));
  return { active, left: run.secondsLeft === undefined ? undefined : timeLeftText(run.secondsLeft) };
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

import { formatComponent } from '@rampart/core';

import type { Plan } from './plan';
import type { Step } from './step';

/** What a step is about, by the names that tables have. */
export interface StepSubject {
  readonly model?: string;
  readonly attack?: string;
}

/** A place in a trace, as headers: what crosses to another process. */
export type TraceCarrier = Readonly<Record<string, string>>;

/** A step that is traced. */
export interface TracedStep {
  /** The run that it is done for. */
  readonly run: string;
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  readonly about?: StepSubject | undefined;
  /** Where it was asked for, when another process did. */
  readonly trace?: TraceCarrier | undefined;
}

/** Sees steps being done, as tracing does. */
export interface StepTrace {
  /** Has a step done, and sees how that ends. */
  step<T>(traced: TracedStep, work: () => Promise<T>): Promise<T>;
  /** Where this process is in its trace. */
  carrier(): TraceCarrier | undefined;
}

export const UNTRACED: StepTrace = { step: (_, work) => work(), carrier: () => undefined };

/** What a step of a plan is about. */
export function subjectOf(plan: Pick<Plan, 'models' | 'cells' | 'robustness'>, step: Step): StepSubject {
  const cell = plan.cells.find(({ evaluate }) => evaluate === step.key);
  const made = 'model' in step && step.kind !== 'harden' ? step.model : step.key;
  const name = plan.models.find((one) => one.step === made)?.label;
  const model = name ?? cell?.model ?? plan.robustness.find((one) => one.step === step.key)?.model;
  const attack = step.kind === 'attack' ? formatComponent(step.attack) : cell?.attack;
  return { ...(model !== undefined && { model }), ...(attack !== undefined && { attack }) };
}

import type { RunEvent } from '@rampart/api';

import { count, duration } from '@/components/format';

/** What happened, in a sentence. */
export function told(event: RunEvent): string {
  switch (event.type) {
    case 'run-started':
      return `Started, ${count(event.stepsTotal, 'step')} to do`;
    case 'step-started':
      return `Began: ${event.label}`;
    case 'step-progress':
      return `${event.done} of ${event.total} ${event.unit}`;
    case 'step-finished':
      return event.cached
        ? `Had already: ${event.label}`
        : `Finished: ${event.label}, in ${duration(event.seconds)} (${event.stepsDone} of ${event.stepsTotal})`;
    case 'step-damaged':
      return `Is done again: ${event.label}. ${event.reason}`;
    case 'run-finished':
      return event.error ? `Ended ${event.state}: ${event.error}` : `Ended: ${event.state}`;
  }
}

/** What a log can be narrowed to. */
export const KINDS = [
  ['finished', 'Finished steps'],
  ['began', 'Begun steps'],
  ['cached', 'Had already'],
  ['trouble', 'Trouble'],
] as const;

export type Kind = (typeof KINDS)[number][0];

/** Undefined for the start and the good end of a run, which are of no kind. */
export function kindOf(event: RunEvent): Kind | undefined {
  switch (event.type) {
    case 'step-started':
      return 'began';
    case 'step-finished':
      return event.cached ? 'cached' : 'finished';
    case 'step-damaged':
      return 'trouble';
    case 'run-finished':
      return event.state === 'done' ? undefined : 'trouble';
    default:
      return undefined;
  }
}

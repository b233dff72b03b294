import type { RunState } from '@rampart/api';

/** A run that something can be done to. */
export interface ActionRun {
  readonly id: string;
  readonly name: string;
  readonly state: RunState;
  readonly tags: readonly string[];
  readonly archivedAt?: number | undefined;
  readonly deletedAt?: number | undefined;
}

/** How the button of a run's menu looks, before the menu has come and after. */
export const TRIGGER =
  'grid size-8 place-items-center rounded-md text-ink-3 hover:bg-sunken hover:text-ink data-[popup-open]:bg-sunken';

import type { Checkpoint } from './checkpoint';
import type { Crew } from './pieces/crew';

/** How far a piece of work is. */
export interface Progress {
  /** Units done so far, and units in all. */
  readonly done: number;
  readonly total: number;
  /** What a unit is: "instances", "batches". */
  readonly unit: string;
  /** Something worth a glance: "loss 0.0132". */
  readonly detail?: string;
}

/** What long work takes: a way to stop it and to go on, somebody to tell, and hands that are free. */
export interface WorkOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Threads that may do a part of it. What comes out is the same with them and without. */
  readonly crew?: Crew;
  /** Where it keeps how far it is. What comes out is the same with it and without. */
  readonly checkpoint?: Checkpoint | undefined;
}

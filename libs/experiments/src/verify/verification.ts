import type { ExampleSet } from './example-sets';

/** A stored example that does not hold. */
export interface FaultyExample {
  /** Index into the test set. */
  readonly testIndex: number;
  /** Row of the evaluation's `adversarial` file. */
  readonly position: number;
  /** Each a clause: "it is judged 4 and was recorded as 7, so it no longer evades". */
  readonly reasons: readonly string[];
}

/** How often an attack succeeded within a threat: as the run has it, and as the examples say. */
export interface VerifiedFigure {
  readonly threat: string;
  /** Instances that evade within the threat. */
  readonly recorded: number;
  readonly found: number;
}

/** What came of judging the examples of one attack on one model again. */
export interface VerifiedSet extends Pick<ExampleSet, 'model' | 'attack' | 'mode' | 'seed' | 'evaluateStep'> {
  /** Examples judged; 0 where their file cannot be read. */
  readonly examples: number;
  /** Those that turn an instance that was right into one that is wrong, or is taken for its target. */
  readonly evading: number;
  /** Of the evading ones, how many still evade with every value rounded to 8 bits. */
  readonly survive8Bit: number;
  /** Whether distances could be held to an epsilon: undefined where the attack has no ball. */
  readonly ball: string | undefined;
  /** Whether the model could be asked at another batch size: a file with a batch size of its own cannot. */
  readonly otherBatch: boolean;
  readonly faults: readonly FaultyExample[];
  /** The run's figures that rest on these examples. */
  readonly figures: readonly VerifiedFigure[];
  /** A file that is missing or damaged, or was never recorded: one sentence. */
  readonly damage: string | undefined;
  /** What could not be looked at, and why. */
  readonly notes: readonly string[];
}

/** What came of judging every stored example of a run again. */
export interface Verification {
  readonly run: string;
  readonly sets: readonly VerifiedSet[];
}

/** Whether every example holds, every figure follows from them, and every file is whole. */
export function holds({ sets }: Verification): boolean {
  return sets.every(
    ({ faults, damage, figures }) =>
      faults.length === 0 && damage === undefined && figures.every(({ recorded, found }) => recorded === found),
  );
}

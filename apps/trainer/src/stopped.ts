import type { RunRecord } from '@rampart/results';

import { ownCommandLine } from './command-line';

/** What is said of a run that was stopped: how far it is, and how it goes on. */
export function stoppedText({ id, stepsDone, stepsTotal }: Pick<RunRecord, 'id' | 'stepsDone' | 'stepsTotal'>): string {
  return [
    `Stopped run ${id}: ${stepsDone} of ${stepsTotal} steps are done and stay so.`,
    'Of those under way, trainings and hardenings go on from their last checkpoint, others begin anew.',
    'The same command goes on from here:',
    `  ${ownCommandLine()}`,
    '',
  ].join('\n');
}

import { attacks } from '@rampart/attacks';
import { help, type Pieces } from '@rampart/core';
import { ATTACK, openAttackPieces, type SharedAttack } from '@rampart/defenses';
import { openTrainingPieces, type SharedTraining, TRAINING } from '@rampart/training';

import type { HelpCall } from './help-desk';
import { giveBackUnusedMemory } from './unused-memory';

/** How a thread takes part in each kind of work that a step may call others for. */
const KINDS: Readonly<Record<string, (data: unknown) => Promise<Pieces>>> = {
  [TRAINING]: (data) => openTrainingPieces(data as SharedTraining),
  [ATTACK]: (data) => openAttackPieces(data as SharedAttack, attacks),
};

/** Helps until there is nothing more to do, or the thread is called away. */
export async function helpWith({ job, board }: HelpCall): Promise<void> {
  const open = KINDS[job.kind];
  if (!open) throw new Error(`No thread knows how to help with "${job.kind}".`);
  await help(board, () => open(job.data));
  giveBackUnusedMemory();
}

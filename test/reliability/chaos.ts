import path from 'node:path';

import { inChildren } from './in-children';
import { READERS } from './input-files';
import { canMount, fullDisks, kills, twoWriters, undisturbed } from './run-trials';
import type { Tally } from './tally';

/** How many trials of each kind are made. */
export interface ChaosSize {
  readonly kills: number;
  readonly stores: number;
  readonly writers: number;
  readonly disks: number;
  /** Of each reader's files but models, which take long. */
  readonly inputs: number;
  readonly models: number;
}

/**
 * Kills, damages, fills and starves, and counts what came of it.
 * @param folder where everything is made
 * @param onTally told each kind as it is done
 */
export async function chaos(
  folder: string,
  size: ChaosSize,
  onTally: (tally: Tally) => void = () => undefined,
): Promise<Tally[]> {
  const tallies: Tally[] = [];
  const add = (tally: Tally) => {
    tallies.push(tally);
    onTally(tally);
  };
  for (const reader of Object.keys(READERS)) {
    const count = reader === 'onnx' ? size.models : size.inputs;
    add(await inChildren(`${reader} files`, 'input-trials.process.ts', [reader, path.join(folder, reader)], count));
  }
  const sound = await undisturbed(folder);
  add(await inChildren('damaged stores', 'store-trials.process.ts', [sound.store, folder], size.stores));
  add(await kills(folder, sound, size.kills));
  add(await twoWriters(folder, sound, size.writers));
  // Elsewhere a full disk cannot be made.
  if (canMount(folder)) add(await fullDisks(folder, sound, size.disks));
  return tallies;
}

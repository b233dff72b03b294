import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ReportedFinding, ReportedRobustness } from '@rampart/reports';
import { decodeNpy, encodeNpy } from '@rampart/results';

import { type Ended, rampart } from '../integration/rampart';

const REFERENCE = join(__dirname, '../reference');

/** What `rampart evaluate` or `rampart run` found out. */
export interface Evaluated {
  readonly ended: Ended;
  readonly robustness: readonly ReportedRobustness[];
  readonly findings: readonly ReportedFinding[];
}

/** Runs a command with `--json`. */
export async function evaluated(args: readonly string[]): Promise<Evaluated> {
  const ended = await rampart([...args, '--json']);
  if (ended.code !== 0) throw new Error(`rampart ${args.join(' ')} ended with ${ended.code}: ${ended.stderr}`);
  const last = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as Omit<Evaluated, 'ended'>;
  return { ended, robustness: last.robustness, findings: last.findings };
}

/**
 * Makes a dataset's folder of one of the sets of reference images: those are the test images, and the training images,
 * which evaluation takes nothing from, their negatives.
 */
export function referenceImages(name: 'mnist' | 'airplane-cat' | 'four-seven', folder: string): string {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(REFERENCE, `${name}-images.npy`), join(folder, 'test-images.npy'));
  copyFileSync(join(REFERENCE, `${name}-labels.npy`), join(folder, 'test-labels.npy'));
  copyFileSync(join(REFERENCE, `${name}-labels.npy`), join(folder, 'train-labels.npy'));
  const { data, shape } = decodeNpy(readFileSync(join(REFERENCE, `${name}-images.npy`)));
  const negatives = Uint8Array.from(data as Uint8Array, (value) => 255 - value);
  writeFileSync(join(folder, 'train-images.npy'), encodeNpy(negatives, shape));
  return folder;
}

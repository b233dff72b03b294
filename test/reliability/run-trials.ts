import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Rng } from '@rampart/core';

import { type Ended, findingsOf, rampart } from '../integration/rampart';
import { TINY_EXPERIMENT } from './experiment';
import { emptyCounts, type Outcome, type Tally } from './tally';

/** What a run that is disturbed is held to. */
export interface Undisturbed {
  readonly file: string;
  readonly findings: ReturnType<typeof findingsOf>;
  /** Milliseconds that it took. */
  readonly length: number;
  /** Its store, to be copied and damaged. */
  readonly store: string;
}

/** Runs the experiment once, with nothing in its way. */
export async function undisturbed(folder: string): Promise<Undisturbed> {
  const [file, store] = [path.join(folder, 'tiny.yaml'), path.join(folder, 'undisturbed')];
  writeFileSync(file, TINY_EXPERIMENT);
  const began = performance.now();
  const ended = await rampart(['run', file, '--store', store, '--json']);
  if (ended.code !== 0) throw new Error(ended.stderr);
  return { file, store, findings: findingsOf(ended), length: performance.now() - began };
}

/** Kills runs at random moments until one comes to its end, again and again. */
export function kills(folder: string, sound: Undisturbed, count: number): Promise<Tally> {
  const rng = Rng.root('kills');
  let killed = 0;
  return trials('kill -9', count, async (trial, judge) => {
    const store = path.join(folder, `killed-${Math.floor(trial / 8)}`);
    const killAfter = 200 + rng.uniform() * 1.1 * sound.length;
    const ended = await run(sound, store, killAfter);
    killed++;
    // Every eighth is not killed, and has to find what an undisturbed run finds.
    if (ended.signal !== 'SIGKILL' && ended.code !== 0) return judge('unclean', ended.stderr);
    if (killed % 8 !== 0 && trial + 1 < count) return judge('harmless');
    const outcome = same(sound, await run(sound, store));
    const verified = await rampart(['verify', '--store', store]);
    rmSync(store, { recursive: true });
    return judge(verified.code === 0 ? outcome : 'lost', verified.stdout);
  });
}

/** Two runs at once on one new store. */
export function twoWriters(folder: string, sound: Undisturbed, count: number): Promise<Tally> {
  return trials('two writers', count, async (trial, judge) => {
    const store = path.join(folder, `two-${trial}`);
    const both = await Promise.all([run(sound, store), run(sound, store)]);
    rmSync(store, { recursive: true });
    const outcomes = both.map((ended) => same(sound, ended));
    return judge(
      outcomes.find((outcome) => outcome !== 'harmless') ?? 'harmless',
      both.map((one) => one.stderr).join('\n'),
    );
  });
}

/** Whether disks of a size can be made here, as root can on Linux. */
export function canMount(folder: string): boolean {
  const place = path.join(folder, 'mount');
  try {
    mkdirSync(place, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('umount', [place], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs on disks that are full sooner or later; with room the same command goes on. */
export function fullDisks(folder: string, sound: Undisturbed, count: number): Promise<Tally> {
  const place = path.join(folder, 'disk');
  mkdirSync(place, { recursive: true });
  return trials('full disk', count, async (trial, judge) => {
    const kilobytes = 150 + Math.round((trial / Math.max(1, count - 1)) * 900);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', place]);
    try {
      const store = path.join(place, 'store');
      const full = await run(sound, store);
      if (full.code !== 0 && (full.code !== 1 || /at .*\.js:\d|cannot rollback/.test(full.stderr))) {
        return judge('unclean', `${kilobytes} kB: ${full.signal ?? full.code}: ${full.stderr}`);
      }
      execFileSync('mount', ['-o', 'remount,size=50m', place]);
      const outcome = same(sound, await run(sound, store));
      return judge(outcome === 'harmless' && full.code === 1 ? 'seen' : outcome, `${kilobytes} kB`);
    } finally {
      execFileSync('umount', ['-l', place]);
    }
  });
}

function run({ file, length }: Undisturbed, store: string, killAfter?: number): Promise<Ended> {
  // A run that takes fifty times as long as it should hangs.
  const patience = Math.max(60_000, 50 * length);
  return rampart(['run', file, '--store', store, '--json', '--workers', '2'], { killAfter: killAfter ?? patience });
}

function same({ findings }: Undisturbed, ended: Ended): Outcome {
  if (ended.signal === 'SIGKILL') return 'hang';
  if (ended.signal !== null) return 'abort';
  if (ended.code !== 0) return 'unclean';
  return JSON.stringify(findingsOf(ended)) === JSON.stringify(findings) ? 'harmless' : 'lost';
}

type Judge = (outcome: Outcome, said?: string) => void;

async function trials(
  kind: string,
  count: number,
  trial: (trial: number, judge: Judge) => Promise<void>,
): Promise<Tally> {
  const counts = emptyCounts();
  const faults: string[] = [];
  for (let number = 0; number < count; number++) {
    await trial(number, (outcome, said = '') => {
      counts[outcome]++;
      if (!['seen', 'harmless'].includes(outcome)) faults.push(`${kind}, trial ${number}: ${outcome}: ${said}`);
    });
  }
  return { kind, counts, memory: 0, faults };
}

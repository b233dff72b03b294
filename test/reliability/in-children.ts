import { spawn } from 'node:child_process';
import path from 'node:path';

import { emptyCounts, type Outcome, type Tally } from './tally';

/** A trial that says nothing for so long hangs. */
const SILENCE_MS = 20_000;

/** What a child prints when it is about to begin. */
export const READY = 'ready';

/** What a child prints of a trial, one line of JSON each. */
export interface Told {
  readonly trial: number;
  readonly outcome: Outcome;
  readonly said?: string;
  /** Bytes that the process has held at most so far. */
  readonly memory: number;
}

/**
 * Runs numbered trials in a process of their own, and goes on behind a trial that it dies or hangs at.
 * @param script the child's program, which is given `args`, the first trial's number and the number after the last
 */
export async function inChildren(kind: string, script: string, args: readonly string[], count: number): Promise<Tally> {
  const counts = emptyCounts();
  const faults: string[] = [];
  let memory = 0;
  let next = 0;
  while (next < count) {
    const ended = await oneChild(script, [...args, String(next), String(count)], (told) => {
      next = told.trial + 1;
      counts[told.outcome]++;
      memory = Math.max(memory, told.memory);
      if (told.said !== undefined && !['seen', 'harmless'].includes(told.outcome)) {
        faults.push(`${kind}, trial ${told.trial}: ${told.outcome}: ${told.said}`);
      }
    });
    if (next >= count) break;
    counts[ended.hung ? 'hang' : 'abort']++;
    faults.push(`${kind}, trial ${next}: ${ended.hung ? 'hang' : 'abort'}: ${ended.said}`);
    next++;
  }
  return { kind, counts, memory, faults };
}

function oneChild(
  script: string,
  args: readonly string[],
  onTold: (told: Told) => void,
): Promise<{ readonly hung: boolean; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--require=@swc-node/register', path.join(__dirname, script), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let rest = '';
    let said = '';
    let hung = false;
    let ready = false;
    let silence: NodeJS.Timeout;
    const heard = (patience = SILENCE_MS) => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        hung = true;
        child.kill('SIGKILL');
      }, patience);
    };
    // The first trial waits for the program to be loaded.
    heard(3 * SILENCE_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (ready) onTold(JSON.parse(line) as Told);
        ready ||= line === READY;
      }
      heard();
    });
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-1500)));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(silence);
      if (ready) resolve({ hung, said: `${signal ?? code}: ${said.trim()}` });
      else reject(new Error(`${script} cannot be started: ${said}`));
    });
  });
}

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Rng } from '@rampart/core';

import { READERS } from './input-files';
import { mutate } from './mutate';
import { outcomeOf, say, sayReady } from './say';

/** Damages files that a reader takes, one at a time, and has them read. */
async function main([name, folder, first, end]: readonly string[]): Promise<void> {
  const reader = READERS[name!]!;
  rmSync(folder!, { recursive: true, force: true });
  mkdirSync(folder!, { recursive: true });
  reader.write(folder!);
  const files = readdirSync(folder!, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(path.join(folder!, file)).isFile())
    .sort();
  for (const file of files) await reader.read(folder!, file);
  sayReady();
  for (let trial = Number(first); trial < Number(end); trial++) {
    const rng = Rng.root(`${name} ${trial}`);
    const damaged = files[rng.integer(files.length)]!;
    const sound = readFileSync(path.join(folder!, damaged));
    writeFileSync(path.join(folder!, damaged), mutate(sound, rng));
    try {
      await reader.read(folder!, damaged);
      say(trial, 'harmless');
    } catch (error) {
      const { outcome, said } = outcomeOf(error);
      say(trial, outcome, `${damaged}: ${said}`);
    }
    writeFileSync(path.join(folder!, damaged), sound);
  }
}

void main(process.argv.slice(2));

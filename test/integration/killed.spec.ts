import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { Rng } from '@rampart/core';
import { openStore } from '@rampart/results';

import { findingsOf, rampart, SMALL_EXPERIMENT, temporaryFolder } from './rampart';

describe('a run that is killed', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'small.yaml');
  writeFileSync(file, SMALL_EXPERIMENT);

  it('at ten random moments is finished by the same command, with the same results and no step done twice', async () => {
    const undisturbedStore = path.join(folder, 'undisturbed');
    const began = performance.now();
    const undisturbed = findingsOf(
      await rampart(['run', file, '--store', undisturbedStore, '--workers', '2', '--json']),
    );
    const length = performance.now() - began;

    const store = path.join(folder, 'killed');
    const rng = Rng.root('moments');
    const computed: string[] = [];
    const note = (stdout: string) => {
      for (const line of stdout.split('\n').filter((text) => text.endsWith('}'))) {
        const event = JSON.parse(line) as { type: string; step: string; cached?: boolean };
        if (event.type === 'step-finished' && !event.cached) computed.push(event.step);
      }
    };
    for (let kill = 0; kill < 10; kill++) {
      const killAfter = 500 + rng.uniform() * 0.6 * length;
      note((await rampart(['run', file, '--store', store, '--workers', '2', '--json'], { killAfter })).stdout);
    }
    const finished = await rampart(['run', file, '--store', store, '--workers', '2', '--json']);
    expect(finished.code).toBe(0);
    note(finished.stdout);
    expect(findingsOf(finished)).toEqual(undisturbed);
    expect(new Set(computed).size).toBe(computed.length);

    const opened = await openStore(store, { readOnly: true });
    const { runs } = await opened.runs.list();
    expect(runs.filter((run) => run.state !== 'done')).toEqual([]);
    await opened.close();
  });
});

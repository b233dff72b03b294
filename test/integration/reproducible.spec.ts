import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { findingsOf, rampart, SMALL_EXPERIMENT, temporaryFolder } from './rampart';

describe('a run of an experiment', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'small.yaml');
  writeFileSync(file, SMALL_EXPERIMENT);
  const run = (store: string, ...more: string[]) =>
    rampart(['run', file, '--store', path.join(folder, store), '--json', ...more]);

  it('gives the same figures and the same bytes again, with one worker, two and three', async () => {
    const two = findingsOf(await run('two', '--workers', '2'));
    const again = findingsOf(await run('again', '--workers', '2'));
    const one = findingsOf(await run('one', '--workers', '1'));
    const three = findingsOf(await run('three', '--workers', '3'));
    expect(two.cells.length).toBeGreaterThan(20);
    expect(again).toEqual(two);
    expect(one).toEqual(two);
    expect(three).toEqual(two);
  });

  it('gives other models for another seed', async () => {
    const first = findingsOf(await run('two'));
    const other = findingsOf(await run('two', '--seed', '2'));
    expect(other.models).not.toEqual(first.models);
  });

  it('computes nothing again that the store has', async () => {
    const { stdout } = await run('two');
    const finished = stdout.split('\n').filter((line) => line.includes('"step-finished"'));
    expect(finished.length).toBeGreaterThan(10);
    for (const line of finished) expect(JSON.parse(line)).toMatchObject({ cached: true });
  });

  it('shows its plan without doing anything', async () => {
    const dry = await run('untouched', '--dry-run');
    expect(dry.code).toBe(0);
    const { steps } = JSON.parse(dry.stdout) as { steps: { done: boolean; kind: string }[] };
    expect(steps.map((step) => step.kind)).toEqual(expect.arrayContaining(['train', 'attack', 'harden', 'evaluate']));
    expect(steps.some((step) => step.done)).toBe(false);
    const { stdout } = await rampart(['run', file, '--store', path.join(folder, 'two'), '--dry-run']);
    expect(stdout).toMatch(/^done {3}\w{12} {2}train lenet5$/m);
  });

  it('is finished by two commands at once, which share the work and agree', async () => {
    const both = await Promise.all([run('shared', '--workers', '1'), run('shared', '--workers', '1')]);
    expect(both.map((ended) => ended.code)).toEqual([0, 0]);
    const [first, second] = both.map(findingsOf);
    expect(second).toEqual(first);
    expect(first).toEqual(findingsOf(await run('two')));
    const computed = both
      .flatMap(({ stdout }) => stdout.split('\n'))
      .filter((line) => line.includes('"step-finished"') && line.includes('"cached":false'))
      .map((line) => (JSON.parse(line) as { step: string }).step);
    expect(new Set(computed).size).toBe(computed.length);
  });

  it('stops in order at SIGINT, says so, and goes on from there', async () => {
    let asked = false;
    const stopped = await rampart(['run', file, '--store', path.join(folder, 'stopped')], {
      onOutput: (said, kill) => {
        if (asked || !said.includes('[2/')) return;
        asked = true;
        kill('SIGINT');
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('The same command goes on from here');
    const resumed = await run('stopped');
    expect(resumed.stdout).toContain('"cached":true');
    expect(findingsOf(resumed)).toEqual(findingsOf(await run('two')));
  });
});

import { RampartError } from '@rampart/core';
import { type Experiment, parseExperiment } from '@rampart/experiments';
import type { RunRecord } from '@rampart/results';

import { EXIT_FAILED, EXIT_INTERRUPTED, ExitCode } from './exit-code';
import { runInTurn } from './run-in-turn';

const experiment = (name: string) =>
  parseExperiment(`name: ${name}\ndataset: mnist\nmodels: [lenet5]\nattacks: [cg]\n`, `${name}.yaml`);

const EXPERIMENTS = ['first', 'second', 'third'].map(experiment);

describe('experiments in turn', () => {
  let stdout: string;
  let stderr: string;
  beforeEach(() => {
    stdout = stderr = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  });
  afterEach(() => jest.restoreAllMocks());

  /** Carries out all but those that are to fail. */
  const performing = (failures: Readonly<Record<string, Error>>) => {
    const done: string[] = [];
    const perform = async ({ name }: Experiment) => {
      const failure = failures[name];
      if (failure) throw failure;
      done.push(name);
      return { id: `id-of-${name}`, state: 'done' } as RunRecord;
    };
    return { done, perform };
  };

  it('each become a run of its own', async () => {
    const { done, perform } = performing({});
    await runInTurn(EXPERIMENTS, { perform });
    expect(done).toEqual(['first', 'second', 'third']);
    expect(stdout).toContain('second (2 of 3)');
    expect(stdout).toContain('third: done, run id-of-third');
  });

  it.each([
    ['cannot be begun', new RampartError({ code: 'bad-data', message: 'No data here.' }), /No data here/],
    ['has failed', new ExitCode(EXIT_FAILED), /second: failed/],
  ])('go on where one %s, and end with code 1', async (_what, failure, said) => {
    const { done, perform } = performing({ second: failure });
    await expect(runInTurn(EXPERIMENTS, { perform })).rejects.toMatchObject({ code: EXIT_FAILED });
    expect(done).toEqual(['first', 'third']);
    expect(stdout + stderr).toMatch(said);
  });

  it.each([
    ['somebody stops one', new ExitCode(EXIT_INTERRUPTED)],
    ['somebody stops one while its data is read', new RampartError({ code: 'cancelled', message: 'Stopped.' })],
    ['the program itself makes a mistake', new TypeError('undefined is not a function')],
  ])('end where %s', async (_what, failure) => {
    const { done, perform } = performing({ second: failure });
    await expect(runInTurn(EXPERIMENTS, { perform })).rejects.toBe(failure);
    expect(done).toEqual(['first']);
  });

  it('say as JSON which of them the following lines are about, and nothing else', async () => {
    const failure = new RampartError({ code: 'bad-data', message: 'No data here.' });
    const { perform } = performing({ second: failure });
    await expect(runInTurn(EXPERIMENTS, { perform, json: true })).rejects.toMatchObject({ code: EXIT_FAILED });
    const lines: unknown[] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { type: 'experiment', name: 'first', index: 1, of: 3 },
      { type: 'experiment', name: 'second', index: 2, of: 3 },
      { type: 'experiment-failed', name: 'second', error: 'No data here.' },
      { type: 'experiment', name: 'third', index: 3, of: 3 },
    ]);
  });
});

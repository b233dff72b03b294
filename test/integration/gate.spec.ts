import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { GateResult } from '@rampart/experiments';
import { openStore, type RobustnessRecord, type RunRecord } from '@rampart/results';
import { parse } from 'yaml';

import { type Ended, rampart, ROOT, temporaryFolder } from './rampart';
import { HARDENED_MODEL, PLAIN_MODEL, referenceOptions } from './reference-data';

const IMAGES = 120;
const ASKED = ['--threats', 'linf(0.1)', '--attacks', 'pgd(steps=10),fmn(steps=30)'];

/** The last line of `rampart evaluate --json`. */
interface Line {
  readonly run: RunRecord;
  readonly robustness: readonly RobustnessRecord[];
}

describe('rampart gate', () => {
  const folder = temporaryFolder();
  const store = path.join(folder, 'store');

  const gate = (model: string, atLeast: number, ...more: readonly string[]) =>
    rampart([
      ...['gate', model, '--at-least', String(atLeast), ...ASKED, '--store', store],
      ...referenceOptions(folder, IMAGES),
      ...more,
    ]);
  const resultOf = ({ stdout }: Ended) => JSON.parse(stdout.trim().split('\n').at(-1)!) as GateResult & { run: string };
  const stepsOf = ({ stderr }: Ended) =>
    [...stderr.matchAll(/^\[(\d+)\/(\d+)\]/gm)].map(([, done]) => Number(done)).at(-1);
  const runs = async (directory = store) => {
    const opened = await openStore(directory, { readOnly: true });
    try {
      return (await opened.runs.list()).runs;
    } finally {
      await opened.close();
    }
  };

  /** What `rampart evaluate` measures on the same: the baselines, and what gates are to agree with. */
  const measured: Record<string, RobustnessRecord> = {};
  beforeAll(async () => {
    for (const model of [PLAIN_MODEL, HARDENED_MODEL]) {
      const ended = await rampart([
        ...['evaluate', model, ...ASKED, '--store', store, '--json'],
        ...referenceOptions(folder, IMAGES),
      ]);
      expect(ended.code === 0 ? '' : ended.stderr).toBe('');
      const { run, robustness } = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as Line;
      measured[model] = { ...robustness[0]!, runId: run.id };
    }
  });

  it('fails as soon as that is certain, with the same answer for any number of workers', async () => {
    const ended: Ended[] = [];
    for (const workers of ['1', '2']) {
      const own = ['--workers', workers, '--store', path.join(folder, `workers-${workers}`)];
      ended.push(await gate(PLAIN_MODEL, 0.95, ...own));
    }
    expect(ended.map(({ code }) => code)).toEqual([3, 3]);
    expect(ended[0]!.stdout).toMatch(
      /^fail: linf\(0\.1\) \d+\.\d% or less \(95% interval up to \d+\.\d\) of 120 instances, below 95\.0%\. Ended early: [^\n]*\n$/,
    );
    expect(ended[1]!.stdout).toBe(ended[0]!.stdout);
    // One worker does just what it takes: the model, the clean images, and the first instances under both attacks.
    expect(stepsOf(ended[0]!)).toBeLessThanOrEqual(4);
    const [run] = await runs(path.join(folder, 'workers-1'));
    expect(run).toMatchObject({
      state: 'cancelled',
      tags: ['gate'],
      notes: expect.arrayContaining([expect.stringMatching(/^Gate: fail: /)]) as unknown,
    });
  });

  it('passes before every instance was attacked where no audit is to follow', async () => {
    const { code, stdout } = await gate(HARDENED_MODEL, 0.3, '--audits', 'none');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^pass: linf\(0\.1\) \d+\.\d% or more \(95% interval from [3-9]\d\.\d\) .* Ended early/);
  });

  it('measures what evaluate measures, and decides on the bound of the interval', async () => {
    const { robustAccuracy, low, high, instances } = measured[PLAIN_MODEL]!;
    const asked = Math.floor(100 * low) / 100;
    const passed = await gate(PLAIN_MODEL, asked, '--json');
    expect(passed.code).toBe(0);
    const robust = Math.round(robustAccuracy * instances);
    const figure = { robustAtLeast: robust, robustAtMost: robust, low, high };
    expect(resultOf(passed)).toMatchObject({ verdict: 'pass', early: false, figures: [figure] });

    const unsure = await gate(PLAIN_MODEL, asked + 0.01);
    expect(unsure.code).toBe(3);
    const said = /^inconclusive: linf\(0\.1\) (\S+)% .*, which (\d+) instances would tell at \1%\.\n$/.exec(
      unsure.stdout,
    );
    expect(Number(said![2])).toBeGreaterThan(instances);
    expect(low).toBeLessThan(asked + 0.01);
  });

  it('compares with a baseline on the same instances', async () => {
    const worse = await gate(PLAIN_MODEL, 0.1, '--baseline', measured[HARDENED_MODEL]!.runId);
    expect(worse.code).toBe(3);
    expect(worse.stdout).toMatch(
      /^fail: .* worse than the baseline \(\d+ instances fall that it kept, \d+ the other way, McNemar p = /,
    );
    const better = await gate(HARDENED_MODEL, 0.1, '--baseline', measured[PLAIN_MODEL]!.runId);
    expect(better.code).toBe(0);
    expect(better.stdout).toContain('not worse than the baseline by more than noise');
  });

  it('fails on a figure that is not established', async () => {
    const leaked = referenceOptions(folder, IMAGES, true);
    const { code, stdout } = await gate(HARDENED_MODEL, 0.3, ...leaked);
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /^fail: linf\(0\.1\) 9\d\.\d% \(.*\) of 120 instances, at least 30\.0%, not established, training-images: /,
    );
  });

  it('is documented with a workflow, by options that it has', async () => {
    const page = readFileSync(path.join(ROOT, 'docs/gate.md'), 'utf8');
    const workflow = parse(/```yaml\n([^]*?)```/.exec(page)![1]!) as { jobs: { gate: { steps: { run?: string }[] } } };
    const commands = workflow.jobs.gate.steps.flatMap(({ run }) => run ?? []).join('\n');
    expect(commands).toMatch(/rampart\.cjs gate /);
    const help = (await Promise.all(['gate', 'export'].map((name) => rampart([name, '--help'])))).map(
      ({ stdout }) => stdout,
    );
    const options = new Set(page.match(/(?<=[\s`])--[a-z][a-z-]*/g)!.filter((option) => option !== '--build'));
    expect(options.size).toBeGreaterThan(8);
    for (const option of options) expect(help.join()).toContain(option);
  });

  describe('refuses with one sentence, before anything runs,', () => {
    const refused = async (says: RegExp, ...more: readonly string[]) => {
      const before = (await runs()).length;
      const { code, stdout, stderr } = await gate(PLAIN_MODEL, 0.5, ...more);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/^\[|^ +at /m);
      expect(await runs()).toHaveLength(before);
    };
    const baseline = () => measured[HARDENED_MODEL]!.runId;

    it.each([
      ['a share above 1', /Expected a robust accuracy above 0 and below 1/, ['--at-least', '1.5']],
      ['a share that is no number', /Expected a robust accuracy above 0 and below 1/, ['--at-least', 'most']],
      ['two seeds', /one model with one seed under at least one threat/, ['--seeds', '1,2']],
      ['an unknown baseline', /There is no run "nonesuch"/, ['--baseline', 'nonesuch']],
    ])('%s', (_, says, more) => refused(says, ...more));

    it('a gate without threats', async () => {
      const { code, stderr } = await rampart(['gate', PLAIN_MODEL, '--at-least', '0.5', '--dataset', 'mnist']);
      expect([code, stderr]).toEqual([2, expect.stringContaining('pass --threats')]);
    });

    it('a baseline of another dataset', () =>
      refused(
        /was made on other data than npy-folder\(testLimit=110\): it attacked 120 instances/,
        ...[...['--baseline', baseline(), '--dataset', 'npy-folder(testLimit=110)']],
      ));

    it('a baseline without the threat', () =>
      refused(
        /says nothing about linf\(0\.2\): it has linf\(0\.1\)/,
        '--baseline',
        baseline(),
        '--threats',
        'linf(0.2)',
      ));

    it('a baseline that was attacked otherwise', () =>
      refused(
        /with other attacks: expected pgd\(.*; received /,
        '--baseline',
        baseline(),
        '--attacks',
        'pgd(steps=9)',
      ));

    it('a baseline with another target', () =>
      refused(/has another target: expected 3, received any wrong class/, '--baseline', baseline(), '--target', '3'));
  });
});

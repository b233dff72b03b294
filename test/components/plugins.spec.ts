import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { type Ended, findingsOf, rampart, temporaryFolder } from '../integration/rampart';

interface Verdict {
  readonly components: readonly {
    readonly name: string;
    readonly laws: readonly { readonly name: string; readonly verdict: string; readonly message: string }[];
  }[];
}

/** Nothing of the workspace is near: no node_modules, no tsconfig. */
const folder = temporaryFolder();
cpSync(path.join(__dirname, 'plugins'), folder, { recursive: true });

const experiment = (name: string, attacks: string, more = '', testLimit = 1100) => {
  const file = path.join(folder, `${name}.yaml`);
  const text = `
name: ${name}
dataset: mnist(classes=[4, 7], trainLimit=400, testLimit=${testLimit})
models: [${more.includes('models') ? 'one-layer' : 'lenet5'}]
training: { epochs: 1 }
examples: [adaptive]
attacks: [${attacks}]
${more.replace('models', '')}
`;
  writeFileSync(file, text);
  return file;
};

const events = ({ stdout }: Ended) =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { type: string; label?: string; cached?: boolean });

describe('rampart check', () => {
  it('prints each law with its verdict', async () => {
    const { code, stdout } = await rampart(['check', './random-sign.ts'], { cwd: folder });
    expect(stdout).toMatch(/attack random-sign\n {2}kept {4}runs to its end without an error\n/);
    expect(stdout).toContain('random-sign 0.1.0, 1 component: every law is kept');
    expect(code).toBe(0);
  });

  it('names every planted fault, and goes on to the next component after one that never ends', async () => {
    const { code, stdout } = await rampart(['check', './faulty.ts', '--json', '--time-limit', '5'], { cwd: folder });
    expect(code).toBe(1);
    const { components } = JSON.parse(stdout) as Verdict;
    const brokenBy = (name: string) =>
      components
        .find((component) => component.name === name)!
        .laws.filter((law) => law.verdict === 'broken')
        .map((law) => law.name);
    expect(brokenBy('throws-at-third-batch')).toContain('runs to its end without an error');
    expect(brokenBy('returns-nan')).toContain('returns one finite candidate an instance');
    expect(brokenBy('over-budget')).toEqual(['stays within its budget']);
    expect(brokenBy('leaves-box')).toContain('stays inside the pixel box');
    expect(brokenBy('ignores-abort')).toEqual(['stops when the signal fires']);
    expect(brokenBy('reads-labels')).toEqual(['knows labels through the problem only']);
    expect(brokenBy('never-ends')).toEqual(['runs to its end without an error']);
    expect(brokenBy('ends-its-thread')).toEqual(['runs to its end without an error']);
    // At whatever law it is by then.
    expect(brokenBy('throws-later')).toHaveLength(1);
  });

  it('tries one component with parameters', async () => {
    const tried = await rampart(['check', './random-sign.ts', '--component', 'random-sign(epsilon=0.3)'], {
      cwd: folder,
    });
    expect(tried.stdout).toMatch(/^attack random-sign\(epsilon=0\.3\)\n/);
    expect(tried.code).toBe(0);
    for (const [component, message] of [
      ['random-sgn', 'Unknown component of plugin "random-sign": "random-sgn". Did you mean "random-sign"?'],
      ['random-sign(epsilon=-1)', 'attack "random-sign", parameter "epsilon": Expected a number above 0'],
      ['random-sign(epsilon=', 'does not name a component'],
    ] as const) {
      const refused = await rampart(['check', './random-sign.ts', '--component', component], { cwd: folder });
      expect(refused.stderr).toContain(message);
      expect(refused.code).toBe(2);
    }
  });

  it('puts every kind of component on trial', async () => {
    const { stdout } = await rampart(['check', './mixed.ts', '--json'], { cwd: folder });
    const { components } = JSON.parse(stdout) as Verdict;
    expect(components.map(({ name }) => name)).toEqual(['still-recognised', 'one-layer', 'train-on']);
    for (const { laws } of components) {
      expect(laws.length).toBeGreaterThan(5);
      expect(laws.filter(({ message }) => /cannot be|not a function/.test(message))).toEqual([]);
    }
    expect(components.slice(1).flatMap(({ laws }) => laws.filter((law) => law.verdict !== 'kept'))).toEqual([]);
  });

  it.each([
    ['./from-the-future.ts', /works with @rampart\/core \^9\.0\.0, and this is 0\.1\.0/],
    ['./half.ts', /its default export is no plugin. Expected: export default definePlugin/],
    ['./nowhere.ts', /there is no .*nowhere\.ts/],
    ['@acme/rampart-attack-x', /no package of that name is installed/],
  ])('refuses %s', async (plugin, message) => {
    const { code, stderr } = await rampart(['check', plugin], { cwd: folder });
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('a run with plugins', () => {
  const store = path.join(folder, 'store');

  it('contains what they do wrong: each fault ends its own step, with its name on the error', async () => {
    const faults =
      'throws-at-third-batch, returns-nan, over-budget, leaves-box, ignores-abort, reads-labels, ends-its-thread, throws-later';
    const file = experiment('faults', `fgs, random-sign, ${faults}`, 'plugins: [./random-sign.ts, ./faulty.ts]');
    const ended = await rampart(['run', file, '--store', store, '--workers', '1', '--json'], { cwd: folder });
    expect(ended.code).toBe(1);
    for (const [name, what] of [
      ['throws-at-third-batch', 'the third batch'],
      ['returns-nan', 'it returns NaN'],
      ['over-budget', 'it exceeds its budget'],
      ['leaves-box', 'it leaves the pixel box'],
      ['reads-labels', 'it reads problem.labels'],
      ['ends-its-thread', 'it ended its thread: .*code: 3'],
    ]) {
      expect(ended.stderr).toMatch(new RegExp(`failed: Plugin "?faulty.*${name}.*${what}`));
    }
    const attacks = new Set(findingsOf(ended).cells.map(({ attack }) => attack));
    // What an attack leaves behind may end a thread of its own, but no step of anybody else.
    attacks.delete('throws-later(epsilon=0.1)');
    expect(attacks).toEqual(
      new Set(['none', 'fgs(epsilon=0.1)', 'random-sign(epsilon=0.1)', 'ignores-abort(epsilon=0.1)']),
    );
  });

  it('ends a step that takes no notice of being cancelled, and says whose it was', async () => {
    const file = experiment('deaf', "'ignores-abort(calls=1000000)'", 'plugins: [./faulty.ts]', 240);
    let asked = false;
    const ended = await rampart(['run', file, '--store', store, '--workers', '1', '--json'], {
      cwd: folder,
      onOutput: (said, kill) => {
        if (asked || !said.includes('still asking')) return;
        asked = true;
        kill('SIGINT');
      },
    });
    expect(ended.stderr).toMatch(
      /Plugin faulty 0\.1\.0, attack "ignores-abort.*: it went on for 5 s after it was cancelled/,
    );
    expect(ended.code).toBe(130);
  });

  it('ends a step that does not end, and goes on with the others', async () => {
    const file = experiment('endless', 'never-ends, fgs', 'plugins: [./faulty.ts]\nstepTimeLimit: 8', 240);
    const ended = await rampart(['run', file, '--store', store, '--workers', '1', '--json'], { cwd: folder });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/Plugin faulty 0\.1\.0, attack "never-ends.*: it did not end within 8 s/);
    expect(new Set(findingsOf(ended).cells.map(({ attack }) => attack))).toEqual(new Set(['none', 'fgs(epsilon=0.1)']));
  });

  it('ends a dataset that does not load, before anything is run', async () => {
    const file = path.join(folder, 'no-data.yaml');
    const text =
      'dataset: never-loads\nmodels: [lenet5]\nattacks: [fgs]\nplugins: [./never-loads.ts]\nstepTimeLimit: 8';
    writeFileSync(file, `name: no-data\n${text}\n`);
    const { code, stderr } = await rampart(['run', file, '--store', store], { cwd: folder });
    expect(stderr).toMatch(/Plugin never-loads 0\.1\.0, dataset "never-loads": it did not load within 8 s/);
    expect(code).toBe(1);
  });

  it.each([
    ['./endless.ts', 'it was not loaded within 8 s'],
    ['./ends-process.ts', 'it ends the process that loads it'],
  ])('refuses %s, before anything is run', async (plugin, message) => {
    const file = experiment('unloadable', 'fgs', `plugins: [${plugin}]\nstepTimeLimit: 8`);
    const { code, stderr } = await rampart(['run', file, '--store', store], { cwd: folder });
    expect(stderr).toContain(`Plugin "${plugin}" is refused: ${message}`);
    expect(code).toBe(2);
  });

  it('takes an architecture, a defense and a metric from outside, and says where they come from', async () => {
    const file = experiment('mixed', 'fgs', 'plugins: [./mixed.ts]\ndefenses: [train-on]\nmodels');
    const ended = await rampart(['run', file, '--store', store, '--json'], { cwd: folder });
    expect(ended.stderr).toBe('');
    const { cells, models } = findingsOf(ended);
    expect(models.map((model) => model.split(' ')[0])).toEqual(['one-layer', 'train-on']);
    expect(cells.some(({ metric }) => metric === 'still-recognised')).toBe(true);
    const report = await rampart(['report', '--store', store]);
    expect(report.stdout).toMatch(/With plugin mixed 0\.1\.0 \(SHA-256 [0-9a-f]{16}\)/);
  });

  it('computes again what a plugin changed in its files makes, and nothing else', async () => {
    const file = experiment('changes', 'fgs, random-sign', 'plugins: [./random-sign.ts]');
    const run = () => rampart(['run', file, '--store', store, '--json'], { cwd: folder });
    await run();
    const again = events(await run()).filter(({ type }) => type === 'step-finished');
    expect(again.filter(({ cached }) => !cached)).toEqual([]);
    const source = path.join(folder, 'random-sign.ts');
    writeFileSync(source, readFileSync(source, 'utf8').replace('uniform() < 0.5', 'uniform() < 0.25'));
    const after = events(await run()).filter(({ type, cached }) => type === 'step-finished' && !cached);
    expect(after.length).toBeGreaterThan(0);
    for (const { label } of after) expect(label).toMatch(/random-sign|worst case|audit/);
  });

  it('finds plugins that are installed packages', async () => {
    const home = path.join(folder, 'node_modules/@acme/rampart-attack-x');
    mkdirSync(home, { recursive: true });
    cpSync(path.join(__dirname, 'plugins/random-sign.ts'), path.join(home, 'index.ts'));
    writeFileSync(
      path.join(home, 'package.json'),
      JSON.stringify({ name: '@acme/rampart-attack-x', version: '1.0.0', main: './index.ts' }),
    );
    const { code, stderr } = await rampart(['check', '@acme/rampart-attack-x'], { cwd: folder });
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
});

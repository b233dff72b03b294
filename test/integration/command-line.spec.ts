import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { CLI, type Ended, rampart, ROOT, temporaryFolder } from './rampart';

/** Seconds' worth of MNIST, under a name that no file could have. */
const TINY = `name: "tiny: 4 (malicious)"
dataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)
models: [lenet5]
training: { epochs: 1 }
attacks: [fgs(epsilon=0.05), fgs(epsilon=0.3)]
examples: [adaptive]
audits: []
seeds: [1, 2]
`;

const MODEL = path.join(ROOT, 'test/fixtures/models/lenet5-torchscript-opset13.onnx');
const folder = temporaryFolder();
const store = path.join(folder, 'store');
const tiny = path.join(folder, 'tiny.yaml');
writeFileSync(tiny, TINY);

/** In the folder of this spec, whose configuration names the store. */
const here = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  rampart(args, { cwd: folder, env });
const widest = (text: string) =>
  Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .filter((line) => /^[│┌├└]/.test(line))
      .map(({ length }) => length),
  );
const idOf = ({ stdout }: Ended) => /run (\d{8}-\d{6}-[0-9a-f]{6}) \(done\)/.exec(stdout)![1]!;

beforeAll(() =>
  writeFileSync(path.join(folder, 'rampart.config.json'), JSON.stringify({ store: 'store', workers: 1 })),
);

it('runs quietly into the configured store, fits 80 columns, marks best and worst, and manages the run', async () => {
  const first = await here(['run', 'tiny.yaml', '--quiet'], { COLUMNS: '80', FORCE_COLOR: '1' });
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(existsSync(store)).toBe(true);
  expect(widest(first.stdout)).toBeLessThanOrEqual(80);
  expect(first.stdout).toMatch(/\u001b\[31m\d+\.\d\d% ± /);
  expect(first.stdout).toMatch(/\u001b\[32m\d+\.\d\d% ± /);
  const id = idOf(first);
  const short = id.slice(-6);

  // The same once more: nothing is computed, and it says whose figures they are.
  const again = await here(['run', 'tiny.yaml'], { NO_COLOR: '1', FORCE_COLOR: '1', COLUMNS: '80' });
  expect([again.code, again.stdout.includes('\u001b')]).toEqual([0, false]);
  expect(again.stdout).toContain(`This is the measurement of run ${id} once more`);
  expect(again.stderr).toContain('(already done)');

  const listed = await here(['runs', 'list'], { COLUMNS: '80' });
  expect(widest(listed.stdout)).toBeLessThanOrEqual(80);
  expect(listed.stdout.replace(/\s+/g, ' ')).toContain(`same as`);
  const { stdout: shown } = await here(['runs', 'show', short]);
  expect(shown).toMatch(new RegExp(`^run      ${id}\nname     tiny: 4 \\(malicious\\)\nstate    done, `));
  expect(shown).toContain('  attacks: [fgs(epsilon=0.05), fgs(epsilon=0.3)]');

  expect((await here(['runs', 'rename', short, 'first try'])).code).toBe(0);
  expect((await here(['runs', 'tag', short, 'nightly'])).stdout).toMatch(/has the tags: nightly\.\n$/);
  const found = JSON.parse((await here(['runs', 'list', '--tag', 'nightly', '--json'])).stdout) as object;
  expect(found).toMatchObject({ total: 1, runs: [{ id, name: 'first try', tags: ['nightly'], state: 'done' }] });

  const unasked = await here(['runs', 'delete', short]);
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringMatching(/^rampart: .*--yes to delete\.\n$/)]);
  const resumed = await here(['runs', 'resume', short]);
  expect([resumed.code, resumed.stderr]).toEqual([2, expect.stringMatching(/is done: there is nothing to go on with/)]);

  // CSV: the attack's parameters and n in columns, with six digits.
  const csv = (await here(['report', short, '--format', 'csv'])).stdout.trim().split('\n');
  const columns = csv[0]!.split(',');
  expect(columns).toEqual(expect.arrayContaining(['attack_name', 'epsilon', 'parameters', 'n']));
  expect(csv.slice(1).join('\n')).not.toMatch(/\d\.\d{12}/);
  const html = (await here(['report', short, '--format', 'html'])).stdout;
  expect(html.indexOf('id="standings"')).toBeLessThan(html.indexOf('id="adaptive"'));
  expect(html).toContain('attacks: [fgs(epsilon=0.05), fgs(epsilon=0.3)]');

  expect((await here(['runs', 'note', short])).stdout).toBe('No note.\n');
  expect((await here(['runs', 'note', short, 'The **first** of them.'])).stdout).toBe('Noted.\n');
  expect((await here(['runs', 'note', short, 'The second.'])).stdout).toContain('--history');
  expect((await here(['runs', 'note', short, '--history'])).stdout).toMatch(
    /^\S+@\S+, 20[\d :-]+\nThe second\.\n\n.*\nThe \*\*first\*\* of them\.\n$/,
  );
  expect((await here(['runs', 'archive', short])).stdout).toMatch(new RegExp(`^Run ${id} is archived\\.`));
  const archived = JSON.parse((await here(['runs', 'list', '--archived', '--json'])).stdout) as object;
  expect(archived).toMatchObject({ total: 1, runs: [{ id }] });
  expect((await here(['runs', 'delete', short, '--yes'])).stdout).toMatch(
    new RegExp(`^Deleted run ${id}\\. "rampart runs restore ${id}" brings it back within 7 days\\.\n$`),
  );
  const gone = await here(['runs', 'show', id]);
  expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining(`rampart runs restore ${id}`)]);
  expect((await here(['runs', 'restore', short])).stdout).toBe(`Run ${id} is in the archive again.\n`);
  expect((await here(['runs', 'delete', short, '--yes', '--for-good'])).stdout).toBe(`Deleted run ${id}.\n`);
  const lost = await here(['runs', 'restore', short]);
  expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining(`There is no deleted run "${short}"`)]);
});

it('calls what another run has computed as this one does', async () => {
  const evaluate = ['evaluate', MODEL, '--dataset', 'mnist(testLimit=40)', '--attacks', 'fgs', '--audits', 'none'];
  expect((await here([...evaluate, '--name', 'an older name: (1)'])).stderr).toContain('an older name: (1)');
  const again = await here([...evaluate, '--seeds', '1..2']);
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('(already done)')]);
  expect(again.stdout + again.stderr).not.toContain('older');
  // A fixed file under an attack that draws nothing: the seeds are one measurement.
  expect(again.stdout).toContain('The seeds repeat the same measurement');

  // The latest is never one that is deleted already, even where it is to go for good.
  const deleted = async (...how: string[]) =>
    /^Deleted run ([\d-]+\w{6})\./.exec((await here(['runs', 'delete', 'latest', '--yes', ...how])).stdout)![1]!;
  const [newest, older] = [await deleted(), await deleted('--for-good')];
  expect(older < newest).toBe(true);
  expect((await here(['runs', 'restore', newest])).code).toBe(0);
});

it('ends a run without a word when its reader has gone, which the store has as interrupted', async () => {
  const args = ['run', 'tiny.yaml', '--json', '--seed', '9', '--store', 'piped'];
  const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.once('data', () => child.stdout.destroy());
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)));
  expect({ signal, stderr }).toEqual({ signal: 'SIGPIPE', stderr: '' });
  const { stdout } = await here(['runs', 'list', '--json', '--store', 'piped']);
  expect(JSON.parse(stdout)).toMatchObject({ total: 1, runs: [{ state: 'interrupted' }] });
});

it('goes on with a run that was stopped, by its identity, and prints what does so', async () => {
  let asked = false;
  const stopped = await rampart(['run', tiny, '--store', 'other store', '--seeds', '1..3', '--workers', '1'], {
    cwd: folder,
    onOutput: (said, kill) => {
      if (asked || !said.includes('[1/')) return;
      asked = true;
      kill('SIGINT');
    },
  });
  expect(stopped.code).toBe(130);
  const [, id] = /^Stopped run (\S+): \d+ of \d+ steps are done and stay so\.$/m.exec(stopped.stderr)!;
  expect(stopped.stderr).toContain('trainings and hardenings go on from their last checkpoint, others begin anew.\n');
  expect(stopped.stderr).toContain(`\n  rampart run ${tiny} --store 'other store' --seeds 1..3 --workers 1\n`);
  const resumed = await here(['runs', 'resume', id!.slice(-6), '--store', 'other store', '--quiet']);
  expect([resumed.code, resumed.stderr, idOf(resumed)]).toEqual([0, '', id]);
});

it('says in one sentence what is wrong, by the option it is in, with one code for one mistake', async () => {
  const evaluate = (...more: string[]) => ['evaluate', MODEL, '--dataset', 'mnist', ...more];
  const cases: readonly (readonly [args: readonly string[], code: number, says: RegExp])[] = [
    [
      evaluate('--attacks', 'fgs(eps=0.1)'),
      2,
      /^rampart: --attacks: .*"eps"\. Did you mean "epsilon"\? Known: epsilon/,
    ],
    [evaluate('--attacks', 'fgs(epsilon=-1)'), 2, /^rampart: --attacks: .*Expected a number above 0\. Received: -1\.$/],
    [
      evaluate('--attacks', 'fgs(epsilon=300)'),
      2,
      /^rampart: fgs\(epsilon=300\): .*Expected at most 1, in these units/,
    ],
    [evaluate('--attacks', 'pdg'), 2, /Unknown attack "pdg"\. Did you mean "pgd"\?/],
    [['run', '.'], 2, /^rampart: The experiment file \. cannot be read: it is a folder, not a file\./],
    [['run', 'model.onnx'], 2, /^rampart: .*Did you mean "rampart evaluate model\.onnx --dataset NAME"\?$/],
    [
      ['run', 'missing.yaml'],
      2,
      /^rampart: The experiment file missing\.yaml cannot be read: no such file or directory\./,
    ],
    [['report', '--store', 'missing'], 2, /^rampart: There is no store in ".*missing"/],
    [['runs', 'lst'], 2, /unknown command 'lst'\n\(Did you mean list\?\)\n\("rampart runs --help" tells more\)$/],
    [['list', 'attacs'], 2, /Unknown kind "attacs"\. Did you mean "attacks"\?/],
  ];
  for (const [args, code, says] of cases) {
    const ended = await here(args);
    expect([args, ended.stdout, ended.stderr.trim()]).toEqual([args, '', expect.stringMatching(says)]);
    expect([args, ended.code]).toEqual([args, code]);
    expect(ended.stderr).not.toMatch(/ENOENT|EISDIR|, line \d|Invalid input|Too small/);
  }
  const asJson = await here(['inspect', 'missing.onnx', '--json']);
  expect(JSON.parse(asJson.stdout)).toEqual({
    ...{ type: 'error', code: 'missing', exitCode: 2 },
    message: 'Cannot read "missing.onnx": no such file or directory.',
  });
  const typo = await here(['run', tiny, '--wokers', '2', '--json']);
  expect(JSON.parse(typo.stdout)).toMatchObject({
    type: 'error',
    exitCode: 2,
    message: expect.stringMatching(/--wokers/),
  });
  expect(typo.stderr).toContain('(Did you mean --workers?)');
});

it('fetches nothing for a plan', async () => {
  const cache = path.join(folder, 'cache');
  const ended = await rampart(['evaluate', MODEL, '--dataset', 'cifar10', '--dry-run', '--store', 'none'], {
    cwd: folder,
    env: { RAMPART_CACHE_DIR: cache },
  });
  expect([ended.code, ended.stderr]).toEqual([
    1,
    expect.stringMatching(/not on this machine yet, and nothing is fetched/),
  ]);
  expect([existsSync(cache), existsSync(path.join(folder, 'none'))]).toEqual([false, false]);
});

it('lists every kind alone, numbers as numbers, and shows examples with every command', async () => {
  const kinds = (await here(['list'])).stdout;
  for (const kind of ['attacks', 'defenses', 'presets', 'engines', 'preprocess', 'plugins']) {
    expect(kinds).toMatch(new RegExp(`^${kind} `, 'm'));
  }
  const all = [...kinds.matchAll(/^(\w+) /gm)].map(([, kind]) => kind);
  expect((await here(['list', '--help'])).stdout).toContain(all.join('|'));
  expect((await here(['list', 'presets'])).stdout).toMatch(/^quickstart +The main job/m);
  const [fgs] = JSON.parse((await here(['list', 'attacks', 'fgs', '--json'])).stdout) as [{ parameters: unknown[] }];
  expect(fgs.parameters).toContainEqual(expect.objectContaining({ name: 'epsilon', type: 'number', default: 0.1 }));

  const help = (await here(['--help'])).stdout;
  const names = [...help.split('Commands:')[1]!.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name!);
  expect(names).toEqual(expect.arrayContaining(['init', 'run', 'runs', 'report', 'list']));
  const completion = (await here(['completion', 'bash'])).stdout;
  for (const word of ['resume', 'no-color', 'init', 'presets']) expect(completion).toContain(word);
  const { stdout: own } = await here(['run', '--help']);
  for (const part of ['\nExamples:\n  rampart run quickstart\n', '--quiet', 'step-progress'])
    expect(own).toContain(part);
});

it('loads no library to show its help or to refuse wrong usage', async () => {
  const hook = path.join(folder, 'loaded.cjs');
  const found = path.join(folder, 'loaded.json');
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(process.env.LOADED, JSON.stringify(Object.keys(require.cache))));`,
  );
  const loadedBy = async (...args: string[]) => {
    await rampart(args, { env: { NODE_OPTIONS: `--require "${hook}"`, LOADED: found } });
    return JSON.parse(readFileSync(found, 'utf8')) as string[];
  };
  const libraries = (files: readonly string[]) => files.filter((file) => file.startsWith(path.join(ROOT, 'libs')));
  expect(libraries(await loadedBy('list', 'attacks')).length).toBeGreaterThan(100);
  for (const args of [
    ['run', '--wrong'],
    ['runs', 'list', '--help'],
  ]) {
    const files = await loadedBy(...args);
    expect(files).toContainEqual(expect.stringMatching(/commander/));
    expect(libraries(files)).toEqual([]);
  }
});

it('starts an experiment file with a schema beside it, which runs as it is', async () => {
  expect((await here(['init', 'mine.yaml'])).code).toBe(0);
  expect(readFileSync(path.join(folder, 'mine.yaml'), 'utf8')).toContain('$schema=./experiment.schema.json');
  const schema = JSON.parse(readFileSync(path.join(folder, 'experiment.schema.json'), 'utf8')) as object;
  expect(schema).toMatchObject({
    properties: { attacks: { items: { anyOf: [{ enum: expect.arrayContaining(['pgd']) }, {}] } } },
  });
  const plan = await here(['run', 'mine.yaml', '--dry-run']);
  expect([plan.code, plan.stdout]).toEqual([0, expect.stringMatching(/steps, 0 of them done, engine onnx\.\n$/)]);
  const twice = await here(['init', 'mine.yaml']);
  expect([twice.code, twice.stderr]).toEqual([2, 'rampart: mine.yaml exists already. Name another file.\n']);
  writeFileSync(path.join(folder, 'rampart.config.json'), '{"stores":"x"}');
  const misspelt = await here(['runs', 'list']);
  expect([misspelt.code, misspelt.stderr]).toEqual([
    2,
    expect.stringMatching(/Unknown field "stores"\. Did you mean "store"\?/),
  ]);
});

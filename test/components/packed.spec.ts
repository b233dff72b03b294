import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { findingsOf, ROOT, SMALL_EXPERIMENT, temporaryFolder } from '../integration/rampart';

/** An empty folder outside the workspace, as somebody has who uses the libraries alone. */
const folder = temporaryFolder();
/** Another, of somebody who uses the command. */
const commandFolder = temporaryFolder();

const run = (command: string, args: readonly string[], cwd = folder): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const libraries = readdirSync(path.join(ROOT, 'libs'));
const tarballs = new Map<string, string>();

/** Installs packages from their tarballs, and what they need from the registry. */
function install(names: readonly string[], into = folder): void {
  run(
    'npm',
    [
      ...['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
      ...names.map((name) => tarballs.get(name)!),
    ],
    into,
  );
}

/** The first example of a README. */
function exampleOf(library: string): string {
  const text = readFileSync(path.join(ROOT, 'libs', library, 'README.md'), 'utf8');
  return /```ts\n([\s\S]*?)```/.exec(text)![1]!;
}

/** Compiles modules strictly against what is installed. */
function compile(modules: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(modules)) writeFileSync(path.join(folder, `${name}.mts`), text);
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const settings = {
    compilerOptions: {
      ...{ target: 'es2023', module: 'nodenext', strict: true, noUncheckedIndexedAccess: true, skipLibCheck: true },
      ...{ types: ['node'], typeRoots: [path.join(ROOT, 'node_modules/@types')] },
    },
    files: Object.keys(modules).map((name) => `${name}.mts`),
  };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: folder, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
}

const execute = (name: string): string => run(process.execPath, [`${name}.mjs`]);

beforeAll(() => {
  const packed = run(
    'npm',
    [
      'pack',
      '--json',
      '--pack-destination',
      folder,
      ...libraries.flatMap((name) => ['-w', `libs/${name}`]),
      '-w',
      'apps/trainer',
    ],
    ROOT,
  );
  for (const { name, filename, files } of JSON.parse(packed) as readonly {
    name: string;
    filename: string;
    files: readonly { path: string }[];
  }[]) {
    tarballs.set(name.replace('@rampart/', ''), path.join(folder, filename.replace('@', '').replace('/', '-')));
    const paths = files.map((file) => file.path);
    const own =
      name === '@rampart/trainer' ? ['bin/rampart.cjs', 'dist/main.js'] : ['dist/index.js', 'dist/index.d.ts'];
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', ...own]));
    expect(paths.filter((file) => /\.spec\.|\.fixture\.|tsbuildinfo|^src\//.test(file))).toEqual([]);
  }
  for (const empty of [folder, commandFolder]) {
    writeFileSync(path.join(empty, 'package.json'), JSON.stringify({ name: 'somebody', private: true }));
  }
  copyFileSync(
    path.join(ROOT, 'test/fixtures/models/digits-torchscript-opset17.onnx'),
    path.join(folder, 'model.onnx'),
  );
});

describe('packed and installed into an empty folder', () => {
  it('attacks and models attack an ONNX file in ten lines, with nothing else of ours but what they depend on', () => {
    install(['attacks', 'models', 'core', 'onnx']);
    expect(readdirSync(path.join(folder, 'node_modules/@rampart')).sort()).toEqual([
      'attacks',
      'core',
      'models',
      'onnx',
    ]);
    compile({ attack: exampleOf('attacks') });
    expect(execute('attack')).toMatch(/^[1-8] of 8 evade\n$/);
  });

  it('training trains a model and exports it in ten lines', () => {
    install(['training']);
    compile({ train: exampleOf('training') });
    expect(execute('train')).toMatch(/^\[( [\d.]+,?){3} \]\n$/);
    expect(readFileSync(path.join(folder, 'trained.onnx')).length).toBeGreaterThan(10_000);
  });

  describe("each library's README", () => {
    // That of testing is a spec, and the specs of this workspace are made like it; two have run already.
    const withExamples = libraries.filter((name) => !['testing', 'attacks', 'training'].includes(name));
    beforeAll(() => {
      install(libraries);
      compile(Object.fromEntries(withExamples.map((name) => [`readme-${name}`, exampleOf(name)])));
    });

    it.each(withExamples)('%s has an example that runs', (name) => {
      expect(execute(`readme-${name}`)).toEqual(expect.any(String));
    });
  });

  describe('the command', () => {
    const rampart = (...args: readonly string[]) => run('npx', ['--no', '--', 'rampart', ...args], commandFolder);
    beforeAll(() => install([...libraries, 'trainer'], commandFolder));

    it('says what it is', () => {
      const { version } = JSON.parse(readFileSync(path.join(ROOT, 'apps/trainer/package.json'), 'utf8')) as {
        version: string;
      };
      expect(rampart('--version')).toMatch(new RegExp(`^rampart ${version}\nNode `));
    });

    it('has all that the main job needs, and says that the dashboard is elsewhere', () => {
      const said = rampart('doctor');
      expect(said).toMatch(/\nThe main job can run\.\n$/);
      expect(said).toMatch(/^optional +dashboard +not built\n +To mend it: It comes with the source of Rampart/m);
    });

    it('trains, attacks, hardens and reports', () => {
      writeFileSync(path.join(commandFolder, 'small.yaml'), SMALL_EXPERIMENT);
      const stdout = rampart('run', 'small.yaml', '--json', '--store', 'results');
      const { cells, models } = findingsOf({ code: 0, signal: null, stdout, stderr: '' });
      expect(models).toHaveLength(2);
      const success = cells.filter(({ metric, attack }) => metric === 'success-rate' && attack === 'adam');
      expect(success.some(({ value }) => (value as number) > 0.9)).toBe(true);
      expect(rampart('report', '--store', 'results')).toContain('Error rate under attacks on the model itself');
      expect(rampart('report', '--store', 'results', '--format', 'html')).toMatch(/^<!doctype html>/i);
    });
  });
});

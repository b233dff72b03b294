import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { ROOT, temporaryFolder } from '../integration/rampart';

/** An empty folder outside the workspace, as somebody has who uses the libraries alone. */
const folder = temporaryFolder();

const run = (command: string, args: readonly string[], cwd = folder): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const libraries = readdirSync(path.join(ROOT, 'libs'));
const tarballs = new Map<string, string>();

/** Installs libraries from their tarballs, and what they need from the registry. */
function install(...names: readonly string[]): void {
  run('npm', [
    ...['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
    ...names.map((name) => tarballs.get(name)!),
  ]);
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
    ['pack', '--json', '--pack-destination', folder, ...libraries.flatMap((name) => ['-w', `libs/${name}`])],
    ROOT,
  );
  for (const { name, filename, files } of JSON.parse(packed) as readonly {
    name: string;
    filename: string;
    files: readonly { path: string }[];
  }[]) {
    tarballs.set(name.replace('@rampart/', ''), path.join(folder, filename.replace('@', '').replace('/', '-')));
    const paths = files.map((file) => file.path);
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', 'dist/index.js', 'dist/index.d.ts']));
    expect(paths.filter((file) => /\.spec\.|tsbuildinfo|^src\//.test(file))).toEqual([]);
  }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'somebody', private: true }));
  copyFileSync(
    path.join(ROOT, 'test/fixtures/models/digits-torchscript-opset17.onnx'),
    path.join(folder, 'model.onnx'),
  );
});

describe('packed and installed into an empty folder', () => {
  it('attacks and models attack an ONNX file in ten lines, with nothing else of ours but what they depend on', () => {
    install('attacks', 'models', 'core', 'onnx');
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
    install('training');
    compile({ train: exampleOf('training') });
    expect(execute('train')).toMatch(/^\[( [\d.]+,?){3} \]\n$/);
    expect(readFileSync(path.join(folder, 'trained.onnx')).length).toBeGreaterThan(10_000);
  });

  describe("each library's README", () => {
    // That of testing is a spec, and the specs of this workspace are made like it; two have run already.
    const withExamples = libraries.filter((name) => !['testing', 'attacks', 'training'].includes(name));
    beforeAll(() => {
      install(...libraries);
      compile(Object.fromEntries(withExamples.map((name) => [`readme-${name}`, exampleOf(name)])));
    });

    it.each(withExamples)('%s has an example that runs', (name) => {
      expect(execute(`readme-${name}`)).toEqual(expect.any(String));
    });
  });
});

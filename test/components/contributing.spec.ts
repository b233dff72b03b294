import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { appRouter } from '@rampart/api';
import { openStore } from '@rampart/results';

import { findingsOf, rampart, ROOT, temporaryFolder } from '../integration/rampart';
import { expectUpToDate, freshWorkspace, shell as inRoot, type Workspace } from './workspace';

const text = readFileSync(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');

interface Block {
  readonly language: string;
  /** What stands after the language: a file's name, or what kind of commands these are. */
  readonly note: string;
  readonly body: string;
}

const blocks: readonly Block[] = [...text.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
  language: match[1]!,
  note: match[2]!,
  body: match[3]!,
}));

describe('following CONTRIBUTING', () => {
  const folder = path.join(temporaryFolder(), 'rampart');
  let workspace: Workspace;
  const shell = (command: string) => workspace.shell(command);
  const said: string[] = [];
  const before = new Map<string, string>();
  const files = () =>
    execFileSync('find', ['libs', 'docs', 'apps', 'tools', '-name', 'dist', '-prune', '-o', '-type', 'f', '-print'], {
      cwd: folder,
      encoding: 'utf8',
    })
      .split('\n')
      .filter((file) => file !== '' && !file.includes('node_modules') && !file.includes('out-tsc'));

  beforeAll(() => {
    workspace = freshWorkspace(folder);
    for (const file of files()) before.set(file, readFileSync(path.join(folder, file), 'utf8'));
  });

  it('every step works, in the order of the page', () => {
    const [walk] = text.split('## Outside the workspace');
    const steps = blocks.filter(({ body }) => walk!.includes(body));
    for (const { language, note, body } of steps) {
      if (language === 'sh' && note === '') {
        for (const command of body.trim().split('\n')) {
          const result = shell(command);
          expect({ command, status: result.status, said: result.status === 0 ? '' : result.said }).toEqual({
            command,
            status: 0,
            said: '',
          });
          said.push(`$ ${command}\n${result.stdout}`);
        }
      } else if (language !== 'sh') {
        // The spec fails until the search is written, and says what to do.
        if (note.endsWith('random-sign.ts')) {
          const unwritten = shell('npx jest -c libs/attacks/jest.config.cjs random-sign');
          expect(unwritten.status).not.toBe(0);
          expect(unwritten.said).toContain('Write it in libs/attacks/src/black-box/random-sign.ts');
        }
        writeFileSync(path.join(folder, note), body);
      }
    }
    expect(said.length).toBeGreaterThan(5);
  });

  it('touches one source, one spec and one page, and the registry that is made from them', () => {
    const touched = files().filter((file) => before.get(file) !== readFileSync(path.join(folder, file), 'utf8'));
    expect(touched.sort()).toEqual([
      'docs/components/attacks/random-sign.md',
      'libs/attacks/src/black-box/random-sign.spec.ts',
      'libs/attacks/src/black-box/random-sign.ts',
      'libs/attacks/src/registry.ts',
    ]);
  });

  it('shows the attack in the report, and to the dashboard', async () => {
    expect(said.find((part) => part.includes('rampart -- report'))).toContain('random-sign(epsilon=0.1)');
    const store = await openStore(path.join(folder, 'mine'), { readOnly: true });
    try {
      const caller = appRouter.createCaller({ store });
      const { id } = (await store.runs.find('latest'))!;
      expect(JSON.stringify(await caller.runs.matrix({ id }))).toContain('random-sign(epsilon=0.1)');
    } finally {
      await store.close();
    }
  });

  it('gives the same figures as a plugin outside the workspace', async () => {
    const outside = path.join(folder, '..', 'outside');
    mkdirSync(outside);
    const source = blocks.find(({ note }) => note === 'libs/attacks/src/black-box/random-sign.ts')!.body;
    const more = blocks.find(({ note }) => note === 'random-sign.ts')!.body;
    writeFileSync(
      path.join(outside, 'random-sign.ts'),
      `${source.replace('defineAttack }', 'defineAttack, definePlugin }')}\n${more}`,
    );
    const file = path.join(outside, 'mine.yaml');
    const experiment = blocks.find(({ note }) => note === 'mine.yaml')!.body;
    writeFileSync(file, `${experiment}plugins: [./random-sign.ts]\n`);
    const asPlugin = findingsOf(await rampart(['run', file, '--store', path.join(outside, 'store'), '--json']));
    const { stdout } = shell('npm run -s rampart -- run mine.yaml --store mine --json');
    const inside = findingsOf({ stdout, stderr: '', code: 0, signal: null });
    const figures = ({ cells }: ReturnType<typeof findingsOf>) =>
      cells
        .filter(({ attack }) => String(attack).startsWith('random-sign'))
        .map(({ model, attack, mode, metric, value }) => ({ model, attack, mode, metric, value }));
    expect(figures(asPlugin).length).toBeGreaterThan(5);
    expect(figures(asPlugin)).toEqual(figures(inside));
  });
});

describe('the picture and the table', () => {
  it('are what the project graph says', () => {
    expectUpToDate('contributing');
  });

  it('are of one mind with nx affected', () => {
    const file = 'libs/attacks/src/white-box/fgs.ts';
    const { stdout } = inRoot(`npx nx show projects --affected --files=${file} --json`);
    const affected = JSON.parse(stdout) as string[];
    const row = affected.map((project) => project.replace('@rampart/', '')).sort();
    expect(text).toContain(`| \`${file}\` | ${row.join(', ')} |`);
  });

  it('has no arrow that the design does not allow', () => {
    const rules = readFileSync(path.join(ROOT, 'eslint.config.mjs'), 'utf8');
    const allowed = new Map(
      [...rules.matchAll(/'(?:lib|app):(\w+)': \[([^\]]*)\]/g)].map((match) => [match[1]!, match[2]!]),
    );
    const arrows = [...text.matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map((match) => [match[1]!, match[2]!] as const);
    expect(arrows.length).toBeGreaterThan(10);
    const forbidden = arrows.filter(
      // `rampart check` runs the kits, and the command line serves the dashboard that is built.
      ([from, to]) => !allowed.get(from)?.includes(`'${to}'`) && !(from === 'experiments' && to === 'testing'),
    );
    expect(forbidden).toEqual([]);
  });
});

describe('lint', () => {
  const lint = (file: string, content: string) =>
    spawnSync(process.execPath, ['node_modules/eslint/bin/eslint.js', '--stdin', '--stdin-filename', file], {
      cwd: ROOT,
      encoding: 'utf8',
      input: content,
      env: { ...process.env, NX_DAEMON: 'false' },
    });

  it('refuses an import that the design does not allow', () => {
    const file = 'libs/attacks/src/white-box/fgs.ts';
    const source = readFileSync(path.join(ROOT, file), 'utf8');
    const { status, stdout } = lint(
      file,
      `import { openClassifier } from '@rampart/models';\n${source}\nopenClassifier;\n`,
    );
    expect(stdout).toMatch(/lib:attacks.*can only depend on libs tagged with "lib:core"/s);
    expect(status).toBe(1);
  });

  it('refuses a dependency that a library uses and does not declare, and one that it declares and does not use', () => {
    const file = 'libs/attacks/package.json';
    const source = readFileSync(path.join(ROOT, file), 'utf8');
    expect(lint(file, source.replace(/,\s*"zod": "[^"]*"/, '')).stdout).toMatch(/missing from "dependencies":\s*- zod/);
    const unused = source.replace('"zod":', '"yaml": "^2.9.1",\n    "zod":');
    expect(lint(file, unused).stdout).toMatch(/The "yaml" package is not used/);
  });
});

it('a second run of a target is read from the cache', () => {
  // One that writes no files, which commands of other suites may be reading.
  const run = () => inRoot('npx nx run-many -t lint -p @rampart/metrics @rampart/core --output-style=static').stdout;
  run();
  expect(run()).toMatch(/Nx read the output from the cache instead of running the command for (\d+) out of \1 tasks/);
});

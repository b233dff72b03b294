import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { discFiles } from '../../tools/workspace/src/disc';
import { kindNamed, type KindName, kinds } from '../../tools/workspace/src/kinds';
import { filesOf, gapsOf } from '../../tools/workspace/src/listing';
import { ROOT, temporaryFolder } from '../integration/rampart';
import { fillAttack, filledIn } from './filled-in';
import { freshWorkspace, type Said, type Workspace } from './workspace';

const contributing = readFileSync(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const rule = /^```ts\n(const softsign[\s\S]*?)```$/m.exec(contributing)![1]!;

/** What is generated here; an attack is, step by step, where CONTRIBUTING is followed. */
const components = Object.entries(filledIn(rule)).map(([kindName, { name, fill }]) => {
  const kind = kindNamed(kindName as KindName);
  return { kind, fill, ...filesOf(kind, name) };
});
const written = components.flatMap(({ source, spec }) => [source, spec]);
const PLUGIN = 'plugins/sign-step/sign-step.ts';

const folder = path.join(temporaryFolder(), 'rampart');
let workspace: Workspace;
/** Registries without what was generated. */
const registriesBefore = new Map<string, string>();
const file = (name: string) => path.join(folder, name);
const read = (name: string) => readFileSync(file(name), 'utf8');
const rewrite = (name: string, change: (text: string) => string) => writeFileSync(file(name), change(read(name)));
const generator = (kind: string, name: string) => `npx nx g @rampart/workspace:${kind} ${name}`;

/** Runs a command line that has to succeed; what it says is shown where it does not. */
function expectSuccess(command: string): Said {
  const result = workspace.shell(command);
  const said = result.status === 0 ? '' : result.said;
  expect({ command, status: result.status, said }).toEqual({ command, status: 0, said: '' });
  return result;
}

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** Runs the specs that were generated, and nothing else: what failed of each file, and what it said. */
function runSpecs() {
  const { stdout } = workspace.shell(`npx jest --json ${components.map(({ spec }) => spec).join(' ')} || true`);
  const { testResults } = JSON.parse(stdout) as JestReport;
  return new Map(
    testResults.map(({ name, message, assertionResults }) => [
      path.relative(folder, name),
      {
        tests: assertionResults.length,
        failed: assertionResults.filter(({ status }) => status !== 'passed').length,
        message,
      },
    ]),
  );
}

beforeAll(() => {
  workspace = freshWorkspace(folder);
});

it('a rule for an operator that has one is refused', () => {
  const { status, said } = workspace.shell(generator('gradient-rule', 'softsign'));
  expect(status).not.toBe(0);
  expect(said).toContain('The operator Softsign has a rule in libs/onnx/src/gradient/rules/activation.ts already.');
  // The page of CONTRIBUTING writes it anew.
  rewrite('libs/onnx/src/gradient/rules/activation.ts', (text) =>
    text.replace(/^ {2}Softsign: [\s\S]*?^ {2}\}\),\n/m, ''),
  );
});

describe.each(components)('a generated $kind.name', ({ kind, name, source, spec, page }) => {
  it('is one source, one spec, one page and a line in the registry', () => {
    registriesBefore.set(kind.registry, read(kind.registry));
    const { said } = expectSuccess(generator(kind.name, name));
    const changed = [...said.matchAll(/^(CREATE|UPDATE) (\S+)$/gm)].map((match) => `${match[1]} ${match[2]}`);
    expect(changed.sort()).toEqual(
      [`CREATE ${page}`, `CREATE ${spec}`, `CREATE ${source}`, `UPDATE ${kind.registry}`].sort(),
    );
    expect(said).toContain(`Next: fill in`);
    expect(read(spec)).toMatch(kind.kit);
    expect(read(page)).toContain(`# ${name}`);
    expect(registriesBefore.get(kind.registry)).not.toContain(`'./${name}'`);
    expect(read(kind.registry)).toContain(`'./${name}'`);
  });
});

it('what is there is not written over', () => {
  const [{ kind, name, source }] = components as [(typeof components)[0]];
  expect(workspace.shell(generator(kind.name, name)).said).toContain(`There is a ${source} already.`);
});

it('what is generated has nothing missing', () => {
  const disc = discFiles(folder);
  expect(kinds.flatMap((kind) => gapsOf(kind, disc))).toEqual([]);
});

it('every spec fails until its function is written, and says where', () => {
  const specs = runSpecs();
  for (const { spec, source } of components) {
    const { failed, message } = specs.get(spec)!;
    expect({ spec, failed: failed > 0 }).toEqual({ spec, failed: true });
    expect(message).toMatch(
      new RegExp(`[Ww]rite (it|[a-z]+) in ${source.replaceAll('.', '\\.')}: return|Write layers in ${source}`),
    );
  }
});

it('a registration that is missing, or a page that is behind, is found whatever the kind', () => {
  for (const [registry, text] of registriesBefore) writeFileSync(file(registry), text);
  const { status, stdout } = workspace.shell('npm run -s docs -- --check');
  expect(status).toBe(1);
  for (const { kind, page } of components) {
    expect(stdout).toContain(`out of date: ${kind.registry}\n`);
    expect(stdout).toContain(`out of date: ${page}\n`);
  }
});

describe('a generated plugin', () => {
  it('is a folder of its own, and the workspace stays as it is', () => {
    const { said } = expectSuccess(generator('plugin', 'sign-step'));
    expect(said).not.toMatch(/^UPDATE/m);
    for (const name of ['package.json', 'README.md', 'sign-step.ts', 'sign-step.spec.ts']) {
      expect(existsSync(file(`plugins/sign-step/${name}`))).toBe(true);
    }
  });

  it('is refused by rampart check until its search is written, and told where', () => {
    const { status, stdout } = workspace.shell(`node apps/trainer/bin/rampart.cjs check ./${PLUGIN}`);
    expect(status).toBe(1);
    expect(stdout).toContain(`Write it in ${PLUGIN}`);
  });
});

describe('once every function is written', () => {
  beforeAll(() => {
    for (const { source, fill } of components) rewrite(source, fill);
    rewrite(PLUGIN, fillAttack);
    expectSuccess('npm run -s docs');
    // Everybody's formatter does this when a file is saved.
    workspace.shell(`npx prettier --write ${written.join(' ')} ${PLUGIN}`);
  });

  it('types are right', () => {
    const projects = components.map(({ kind }) => `${kind.folder.split('/').slice(0, 2).join('/')}/tsconfig.json`);
    expectSuccess(`npx tsc --build ${projects.join(' ')}`);
  });

  it('lint has nothing to say', () => {
    expectSuccess(`npx eslint ${written.join(' ')} plugins/sign-step`);
  });

  it('every spec passes', () => {
    const specs = runSpecs();
    for (const { spec } of components) {
      const { tests, failed, message } = specs.get(spec)!;
      expect({ spec, failed, message }).toEqual({ spec, failed: 0, message: '' });
      expect(tests).toBeGreaterThan(0);
    }
  });

  it('the plugin keeps every law, with other parameters too, and passes its spec and types', () => {
    for (const command of [
      `node apps/trainer/bin/rampart.cjs check ./${PLUGIN} --component "sign-step(epsilon=0.3)"`,
      'npx jest -c plugins/sign-step/jest.config.cjs',
      'npx tsc -p plugins/sign-step',
    ]) {
      expectSuccess(command);
    }
  });

  it('pages and registries are up to date', () => {
    expect(workspace.shell('npm run -s docs -- --check')).toMatchObject({ status: 0, stdout: '' });
  });
});

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { satisfies } from 'semver';

import { rampart, ROOT } from '../integration/rampart';

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const { scripts, engines } = JSON.parse(read('package.json')) as {
  scripts: Readonly<Record<string, string>>;
  engines: { readonly node: string };
};
/** The instructions of the Dockerfile, each with what stands after it. */
const instructions = [...read('Dockerfile').matchAll(/^([A-Z]+) (.+)$/gm)].map(([, name, rest]) => ({
  name: name!,
  rest: rest!,
}));
const all = (name: string) => instructions.filter((one) => one.name === name).map(({ rest }) => rest);

describe('the Dockerfile', () => {
  it('starts from a Node that is supported', () => {
    const version = /^node:(\d+)-/.exec(all('FROM')[0]!)![1]!;
    expect(satisfies(`${version}.99.0`, engines.node)).toBe(true);
  });

  it('installs, builds and tests by commands that the workspace has', () => {
    expect(all('RUN')).toEqual(['npm test', 'npm ci', 'npm run build']);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['test', 'build']));
  });

  it('runs a command that the program takes', async () => {
    const [node, script] = JSON.parse(all('ENTRYPOINT')[0]!) as readonly [string, string];
    expect(node).toBe('node');
    expect(existsSync(path.join(ROOT, script))).toBe(true);
    const command = JSON.parse(all('CMD')[0]!) as readonly string[];
    expect((await rampart([...command, '--help'])).code).toBe(0);
  });

  it('leaves out whatever git leaves out, and git itself', () => {
    const ignored = read('.dockerignore')
      .split('\n')
      .map((line) => line.replace('**/', ''));
    const folders = [...read('.gitignore').matchAll(/^(\S+)\/$/gm)].map(([, name]) => name!);
    expect(folders.length).toBeGreaterThan(5);
    expect(ignored).toEqual(expect.arrayContaining(['.git', ...folders]));
  });
});

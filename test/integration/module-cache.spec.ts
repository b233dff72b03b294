import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { rampart, ROOT, temporaryFolder } from './rampart';

/** As many modules as are worth keeping together. */
const MODULES = 60;

const MAIN = `
require('@rampart/core/module-cache');
const { sum } = require('./sum');
const { loaded } = require('./loaded');
import('./late.js').then(({ default: late }) => console.log(JSON.stringify({ sum, late, ...loaded })));
`;

/** Says where it was loaded from, and who it takes itself for. */
const LOADED = `
const json = require('./data.json').value;
exports.loaded = {
  packed: /rampart.modules/.test(new Error().stack.split('\\n')[1]),
  self: __filename === require.resolve('./loaded') && module.parent === require.main && module.children.length === 1,
  text: '\u00fc \u2192 \u{1f600}',
  json,
};
`;

interface Said {
  readonly sum: number;
  readonly late: string;
  readonly packed: boolean;
  readonly self: boolean;
  readonly text: string;
  readonly json: number;
}

/** An installation with a program of many small modules. */
function installation(folder: string) {
  const own = path.join(folder, 'node_modules/@rampart/core');
  cpSync(path.join(ROOT, 'libs/core/dist/module-cache'), path.join(own, 'dist/module-cache'), { recursive: true });
  cpSync(path.join(ROOT, 'libs/core/package.json'), path.join(own, 'package.json'));
  cpSync(path.join(ROOT, 'node_modules/tslib'), path.join(folder, 'node_modules/tslib'), { recursive: true });
  const file = (name: string) => path.join(folder, name);
  const write = (name: string, text: string) => writeFileSync(file(name), text);
  const names = Array.from({ length: MODULES }, (_, k) => `./part-${k}`);
  write('node_modules/.package-lock.json', '{}');
  write('main.js', MAIN);
  write('loaded.js', LOADED);
  write('late.js', `module.exports = 'on time';`);
  write('data.json', '{ "value": 7 }');
  write('sum.js', `exports.sum = [${names.map((name) => `require('${name}')`).join()}].reduce((a, b) => a + b);`);
  for (const name of names) write(`${name}.js`, 'module.exports = 1;');
  const cache = file('cache');
  const run = (env: Readonly<Record<string, string>> = {}): Said => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [file('main.js')], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '', XDG_CACHE_HOME: cache, ...env },
    });
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as Said;
  };
  const kept = () =>
    readdirSync(path.join(cache, 'rampart/modules')).map((name) => path.join(cache, 'rampart/modules', name));
  return { file, write, run, kept };
}

describe('modules that are kept together', () => {
  const folder = temporaryFolder();
  let installations = 0;
  const installed = () => installation(path.join(folder, String(installations++)));
  const SAID = { sum: MODULES, late: 'on time', self: true, text: '\u00fc \u2192 \u{1f600}', json: 7 };

  it('are the same modules, from the second run on', () => {
    const { run, kept } = installed();
    expect(run()).toEqual({ ...SAID, packed: false });
    expect(kept()).toHaveLength(2);
    expect(run()).toEqual({ ...SAID, packed: true });
    expect(kept()).toHaveLength(3);
    expect(run()).toEqual({ ...SAID, packed: true });
    expect(run({ NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual({ ...SAID, packed: false });
  });

  it('are left alone once they have changed, by as little as one character', () => {
    const { run, write } = installed();
    for (const packed of [false, true, true]) expect(run()).toMatchObject({ packed, sum: MODULES });
    write('part-3.js', 'module.exports = 5;');
    for (const packed of [true, true]) expect(run()).toMatchObject({ packed, sum: MODULES + 4 });
    for (let k = 0; k < MODULES; k++) write(`part-${k}.js`, 'module.exports = 2;');
    for (const packed of [true, true, true]) expect(run()).toMatchObject({ packed, sum: 2 * MODULES });
  });

  it('are written anew after something was installed', () => {
    const { run, file } = installed();
    for (const packed of [false, true]) expect(run()).toMatchObject({ packed });
    utimesSync(file('node_modules/.package-lock.json'), 1, 1);
    for (const packed of [false, true]) expect(run()).toMatchObject({ packed });
  });

  it('are removed once their installation is gone', () => {
    const [first, second] = [installed(), installed()];
    const shared = { XDG_CACHE_HOME: path.join(folder, 'shared') };
    first.run(shared);
    rmSync(first.file('.'), { recursive: true });
    second.run(shared);
    expect(readdirSync(path.join(shared.XDG_CACHE_HOME, 'rampart/modules'))).toHaveLength(2);
  });

  it("are done without where what was written is damaged, may be another user's, or cannot be written", () => {
    const { run, kept, write } = installed();
    run();
    run();
    for (const name of kept()) {
      writeFileSync(name, 'damaged');
      expect(run()).toMatchObject(SAID);
    }
    for (const packed of [true, true]) expect(run()).toMatchObject({ packed });
    kept().forEach((name) => chmodSync(name, 0o666));
    expect(run()).toMatchObject({ packed: false });
    write('no-folder', '');
    expect(run({ XDG_CACHE_HOME: '/dev/null' })).toEqual({ ...SAID, packed: false });
  });

  it('serve the command, its threads and its processes', async () => {
    const env = { XDG_CACHE_HOME: path.join(folder, 'cache'), NODE_DISABLE_COMPILE_CACHE: '' };
    const said = [];
    for (let run = 0; run < 3; run++) said.push(await rampart(['list', 'attacks'], { env }));
    expect(said[0]).toMatchObject({ code: 0, stderr: '' });
    expect(said[1]).toEqual(said[0]);
    expect(said[2]).toEqual(said[0]);
    expect(readdirSync(path.join(env.XDG_CACHE_HOME, 'rampart/modules'))).toHaveLength(3);
  });
});

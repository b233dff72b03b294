import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { ROOT } from '../integration/rampart';

const build = path.join(ROOT, 'tools/setup/tfjs-node/build.mjs');

/** What the build's check says in another environment. */
function missingPieces(environment: NodeJS.ProcessEnv): readonly string[] {
  const program = `import(${JSON.stringify(build)}).then(({ missingPieces }) => console.log(JSON.stringify(missingPieces())))`;
  const { stdout } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return JSON.parse(stdout) as string[];
}

describe("what a build of tfjs-node's native library misses", () => {
  const cannotHave = missingPieces({ CXX: 'no-such-compiler', PYTHON: 'no-such-python' });

  it('is pip and a compiler where neither is there, each with what to do', () => {
    expect(cannotHave).toContainEqual(
      expect.stringMatching(/no pip: "no-such-python -m pip" fails\. Install .*PYTHON/),
    );
    expect(cannotHave).toContainEqual(expect.stringMatching(/no C\+\+ compiler: "no-such-compiler" fails\. .*CXX/));
  });

  it('is not the compiler where CXX names a program that answers', () => {
    const named = missingPieces({ CXX: process.execPath, PYTHON: 'no-such-python' });
    expect(cannotHave.filter((piece) => !named.includes(piece))).toEqual([expect.stringContaining('compiler')]);
  });

  it('is the platform elsewhere than on Linux on x64', () => {
    const here = process.platform === 'linux' && process.arch === 'x64';
    expect(cannotHave.some((piece) => piece.startsWith('The build is for Linux on x64.'))).toBe(!here);
  });
});

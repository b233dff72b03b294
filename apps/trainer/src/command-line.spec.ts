import { execFileSync } from 'node:child_process';

import { commandLine } from './command-line';

it('quotes what a shell would take apart', () => {
  const args = ['run', 'a b.yaml', "it's", 'linf(8/255),l2(1)', '$HOME', '--seeds', '1..3'];
  const said = execFileSync('sh', ['-c', `rampart() { printf '%s\\n' "$@"; }; ${commandLine(args)}`], {
    encoding: 'utf8',
  });
  expect(said.trimEnd().split('\n')).toEqual(args);
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Argument, Command, Option } from 'commander';

import { bashScript } from './bash';
import { fishScript } from './fish';
import { wordsOf } from './words';
import { zshScript } from './zsh';

const program = new Command('rampart')
  .addCommand(
    new Command('run')
      .description("Runs somebody's experiment: [all] of it. And more.")
      .argument('<experiment>')
      .addOption(new Option('--engine <name>', "the model's engine; one of them").choices(['auto', 'onnx']))
      .option('-s, --store <dir>', 'a folder')
      .option('--json', 'print JSON'),
  )
  .addCommand(
    new Command('render').description('Draws.').addArgument(new Argument('<form>').choices(['html', 'text'])),
  );
const words = wordsOf(program, { run: { experiment: ['quickstart', 'paper'] } });

const folder = mkdtempSync(path.join(tmpdir(), 'rampart-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (program: string, args: readonly string[]) =>
  spawnSync(program, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } });

/** Where a shell is installed, its own completion says what its script offers. */
const whereInstalled = (shell: string) => (run(shell, ['--version']).status === 0 ? describe : describe.skip);

function file(name: string, text: string): string {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
}

it('knows commands, options, and what they take', () => {
  expect(words.map(({ name }) => name)).toEqual(['run', 'render', 'help']);
  expect(words[0]!.description).toBe("Runs somebody's experiment: [all] of it");
  expect(words[0]!.arguments).toEqual([['quickstart', 'paper']]);
  expect(words[1]!.arguments).toEqual([['html', 'text']]);
  expect(words[0]!.options.map(({ name, takesValue, choices }) => [name, takesValue, choices])).toEqual([
    ['engine', true, ['auto', 'onnx']],
    ['store', true, []],
    ['json', false, []],
    ['help', false, []],
  ]);
});

/** What is offered at the end of a line, whatever the shell. */
const offers: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['rampart r', ['render', 'run']],
  ['rampart run q', ['quickstart']],
  ['rampart run --', ['--engine', '--help', '--json', '--store']],
  ['rampart run --engine ', ['auto', 'onnx']],
  ['rampart run --json p', ['paper']],
  ['rampart render ', ['html', 'text']],
];

whereInstalled('bash')('the script for bash', () => {
  it.each(offers)('completes "%s"', (line, offered) => {
    const script = file('rampart.bash', bashScript(words));
    const program = `source ${script}; COMP_WORDS=(${line.replace(/ $/, " ''")}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _rampart; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = run('bash', ['--norc', '-c', program]);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n').sort()).toEqual(offered);
  });

  it('leaves to bash what it does not know, such as files', () => {
    const script = file('rampart.bash', bashScript(words));
    const { stdout } = run('bash', ['--norc', '-c', `source ${script}; complete -p rampart`]);
    expect(stdout.trim()).toBe('complete -o default -F _rampart rampart');
  });
});

whereInstalled('fish')('the script for fish', () => {
  it.each(offers)('completes "%s"', (line, offered) => {
    const script = file('rampart.fish', fishScript(words));
    const { stdout, stderr } = run('fish', ['--no-config', '-c', `source ${script}; complete -C '${line}'`]);
    expect(stderr).toBe('');
    const found = stdout.trim().split('\n');
    expect(found.map((one) => one.split('\t')[0]!).filter((one) => !one.startsWith('rampart.'))).toEqual(offered);
  });
});

whereInstalled('zsh')('the script for zsh', () => {
  it.each(offers)('completes "%s"', (line, offered) => {
    file('_rampart', zshScript(words));
    // zsh completes nothing without a terminal: here is one, in which Tab is pressed. What it says is waited for, and
    // no key follows before: with input pending a Tab is text.
    const program = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; autoload -U compinit; compinit -D; source ${folder}/_rampart'
zpty -w z 'compadd() { local -a all; builtin compadd -O all "$@"; [[ $1 = -[OAD] ]] || print -rl -- "<"$^all">" >> ${folder}/offered; builtin compadd "$@" }'
zpty -w z 'print rea""dy'
zpty -r z said '*ready*'
zpty -n -w z '${line}'$'\\t'
for i in {1..200}; do [[ -s ${folder}/offered ]] && break; sleep 0.05; done
zpty -n -w z $'\\C-u'
zpty -w z 'print do""ne'
zpty -r z said '*done*'
zpty -d z
`;
    rmSync(path.join(folder, 'offered'), { force: true });
    run('zsh', ['-f', '-c', program]);
    const { stdout } = run('cat', ['offered']);
    const found = [...stdout.matchAll(/<([^>\n]+)>/g)].map(([, one]) => one!);
    expect([...new Set(found)].sort()).toEqual(offered);
  });
});

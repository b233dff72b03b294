import { Command } from 'commander';

import { runsCommand } from './commands/runs';
import { withHelp } from './examples';

it('shows the command lines of a command in its help, below commands as well', () => {
  const program = new Command('rampart').addCommand(new Command('init')).addCommand(runsCommand()).exitOverride();
  withHelp(program);
  const helpOf = (...path: string[]) => {
    let said = '';
    let command = program;
    for (const name of path) command = command.commands.find((one) => one.name() === name)!;
    command.configureOutput({ writeOut: (text) => (said += text) }).outputHelp();
    return said;
  };
  expect(helpOf('init')).toMatch(/\nExamples:\n {2}rampart init\n/);
  for (const { name } of runsCommand().commands.map((one) => ({ name: one.name() }))) {
    expect(helpOf('runs', name)).toContain(`\nExamples:\n  rampart runs ${name} `);
  }
});

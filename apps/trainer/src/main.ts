import { isRampartError, messageOf } from '@rampart/core';
import { Command, CommanderError } from 'commander';

import { checkCommand } from './commands/check';
import { dashboardCommand } from './commands/dashboard';
import { evaluateCommand } from './commands/evaluate';
import { exportCommand } from './commands/export';
import { gateCommand } from './commands/gate';
import { gradientCommand } from './commands/gradient';
import { hardenCommand } from './commands/harden';
import { inspectCommand } from './commands/inspect';
import { listCommand } from './commands/list';
import { reportCommand } from './commands/report';
import { runCommand } from './commands/run';
import { startCommand } from './commands/start';
import { verifyCommand } from './commands/verify';
import { EXIT_FAILED, EXIT_USAGE, ExitCode } from './exit-code';

const program = new Command('rampart')
  .description('Measures how well a neural-network classifier, and a defense around it, withstands evasion attacks.')
  .showHelpAfterError('(rampart COMMAND --help tells more)')
  .exitOverride();

for (const command of [
  runCommand,
  reportCommand,
  listCommand,
  inspectCommand,
  gradientCommand,
  evaluateCommand,
  gateCommand,
  hardenCommand,
  verifyCommand,
  exportCommand,
  checkCommand,
  dashboardCommand,
  startCommand,
]) {
  program.addCommand(command().copyInheritedSettings(program));
}

program.parseAsync().catch((error: unknown) => {
  process.exitCode = report(error);
});

/** Tells what went wrong, once, and gives the exit code for it. */
function report(error: unknown): number {
  if (error instanceof ExitCode) return error.code;
  // Commander has printed its own message already; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  process.stderr.write(`rampart: ${messageOf(error)}\n`);
  if (!isRampartError(error) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return isRampartError(error) && error.code === 'usage' ? EXIT_USAGE : EXIT_FAILED;
}

import { isRampartError, messageOf } from '@rampart/core';
import { Command, CommanderError } from 'commander';

import { backupCommand } from './commands/backup';
import { checkCommand } from './commands/check';
import { completionCommand } from './commands/completion';
import { copyCommand } from './commands/copy';
import { dashboardCommand } from './commands/dashboard';
import { doctorCommand } from './commands/doctor';
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
import { tokenCommand } from './commands/token';
import { verifyCommand } from './commands/verify';
import { workerCommand } from './commands/worker';
import { endWithOutput, outputFailed } from './end-with-output';
import { EXIT_FAILED, EXIT_USAGE, ExitCode } from './exit-code';
import { versions } from './versions';

const program = new Command('rampart')
  .description('Measures how well a neural-network classifier, and a defense around it, withstands evasion attacks.')
  .showHelpAfterError('(rampart COMMAND --help tells more)')
  .exitOverride();

for (const command of [
  runCommand,
  workerCommand,
  reportCommand,
  listCommand,
  inspectCommand,
  gradientCommand,
  evaluateCommand,
  gateCommand,
  hardenCommand,
  verifyCommand,
  exportCommand,
  backupCommand,
  copyCommand,
  checkCommand,
  dashboardCommand,
  tokenCommand,
  startCommand,
  doctorCommand,
  completionCommand,
]) {
  program.addCommand(command().copyInheritedSettings(program));
}

/** `--version` asks for what takes a moment to find out, which commander has no place for. */
class VersionAsked extends Error {}
program.option('-V, --version', 'print the versions of Rampart, Node and ONNX Runtime, and the engines');
program.on('option:version', () => {
  throw new VersionAsked();
});

async function main(): Promise<void> {
  endWithOutput();
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof VersionAsked) process.stdout.write(`${await versions()}\n`);
    else if (!outputFailed()) process.exitCode = report(error);
  }
}

void main();

/** Tells what went wrong, once, and gives the exit code for it. */
function report(error: unknown): number {
  if (error instanceof ExitCode) return error.code;
  // Commander has printed its own message already; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  process.stderr.write(`rampart: ${messageOf(error)}\n`);
  if (!isRampartError(error) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return isRampartError(error) && error.code === 'usage' ? EXIT_USAGE : EXIT_FAILED;
}

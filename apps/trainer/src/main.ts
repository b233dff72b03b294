import { Command } from 'commander';

import { backupCommand } from './commands/backup';
import { certifyCommand } from './commands/certify';
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
import { initCommand } from './commands/init';
import { inspectCommand } from './commands/inspect';
import { listCommand } from './commands/list';
import { reportCommand } from './commands/report';
import { runCommand } from './commands/run';
import { runsCommand } from './commands/runs';
import { startCommand } from './commands/start';
import { tokenCommand } from './commands/token';
import { verifyCommand } from './commands/verify';
import { workerCommand } from './commands/worker';
import { endWithOutput, outputFailed } from './end-with-output';
import { configure } from './configuration';
import { withHelp } from './examples';
import { giveMemoryBack } from './memory-given-back';
import { printAs, type PrintOptions } from './print-options';
import { reportError } from './report-error';

/** Commands that go on for long, or may. Others are done before it would matter what they hold. */
const LONG = new Set(['run', 'worker', 'evaluate', 'harden', 'gate', 'certify', 'dashboard', 'start', 'resume']);

// A command is described here by what its file under commands says, and imports what it does when it is done: the
// libraries take half a second to load.
const program = new Command('rampart')
  .description('Measures how well a neural-network classifier, and a defense around it, withstands evasion attacks.')
  .option('-q, --quiet', 'print results and errors alone, no progress')
  .option('--no-color', 'print without colours, as with NO_COLOR=1')
  .configureHelp({ showGlobalOptions: true })
  .hook('preAction', (_, command) => {
    if (LONG.has(command.name())) giveMemoryBack();
    printAs(command.optsWithGlobals<PrintOptions>());
  })
  .exitOverride();

for (const command of [
  initCommand,
  runCommand,
  workerCommand,
  reportCommand,
  runsCommand,
  listCommand,
  inspectCommand,
  gradientCommand,
  evaluateCommand,
  gateCommand,
  hardenCommand,
  certifyCommand,
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

withHelp(program);

async function main(): Promise<void> {
  endWithOutput();
  try {
    await configure(program);
    await program.parseAsync();
  } catch (error) {
    if (error instanceof VersionAsked) {
      const { versions } = await import('./versions.js');
      process.stdout.write(`${await versions()}\n`);
    } else if (!outputFailed()) process.exitCode = await reportError(error, process.argv.includes('--json'));
  }
}

void main();

/** The command that this process was started with, for a person to type again. */
export function ownCommandLine(): string {
  return commandLine(process.argv.slice(2));
}

/** Arguments as a shell takes them. */
export function commandLine(args: readonly string[]): string {
  return ['rampart', ...args.map(quoted)].join(' ');
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

import type { Command, Option } from 'commander';

/** What can stand after `rampart`, as a script for a shell needs it. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  readonly arguments: readonly (readonly string[])[];
}

export interface OptionWords {
  /** Without its dashes: "store". */
  readonly name: string;
  readonly description: string;
  /** Whether a value follows: one of these if there are any, else anything, such as a file. */
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** What arguments can be that is no choice of commander's, because files or beginnings of names may stand there, too. */
export type KnownArguments = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The commands of a program with their options, and the words that their arguments are known to take. */
export function wordsOf(program: Command, known: KnownArguments): readonly CommandWords[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((whole) => wordsOfCommand(program, whole, known));
}

function wordsOfCommand(program: Command, command: Command, known: KnownArguments): CommandWords {
  const help = program.createHelp();
  const below = help.visibleCommands(command).filter((one) => one.name() !== 'help');
  return {
    name: command.name(),
    description: firstSentence(command.description()),
    options: unlike([command, ...below, program].flatMap((one) => help.visibleOptions(one))).flatMap((option) =>
      option.long === undefined
        ? []
        : [
            {
              name: option.long.slice(2),
              description: firstSentence(option.description),
              takesValue: option.required || option.optional,
              choices: option.argChoices ?? [],
            },
          ],
    ),
    arguments:
      below.length > 0
        ? [below.map((one) => one.name())]
        : command.registeredArguments.map(
            (argument) => argument.argChoices ?? known[command.name()]?.[argument.name()] ?? [],
          ),
  };
}

/** Each by its first mention. */
function unlike(options: readonly Option[]): readonly Option[] {
  return [...new Map(options.toReversed().map((option) => [option.long, option])).values()].reverse();
}

function firstSentence(text: string): string {
  return text.split(/[.;](?:\s|$)/)[0]!;
}

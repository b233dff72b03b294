import type { CommandWords } from './words';

/** A script for fish, with descriptions. Where nothing is known, fish completes files. */
export function fishScript(commands: readonly CommandWords[]): string {
  return `${commands.flatMap(linesOf).join('\n')}\n`;
}

function linesOf({ name, description, options, arguments: known }: CommandWords): string[] {
  const line = (condition: string, ...rest: readonly string[]) =>
    ['complete -c rampart', `-n ${quoted(condition)}`, ...rest].join(' ');
  const within = `__fish_seen_subcommand_from ${name}`;
  const words = known.flat();
  return [
    line('__fish_use_subcommand', '-f', `-a ${name}`, `-d ${quoted(description)}`),
    ...options.map(({ name: option, description: meaning, takesValue, choices }) => {
      const value = !takesValue ? '' : choices.length === 0 ? ' -r' : ` -x -a ${quoted(choices.join(' '))}`;
      return line(within, `-l ${option}${value}`, `-d ${quoted(meaning)}`);
    }),
    ...(words.length === 0 ? [] : [line(within, `-a ${quoted(words.join(' '))}`)]),
  ];
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

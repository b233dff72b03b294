import type { CommandWords, OptionWords } from './words';

/** A script for zsh, with descriptions. Where nothing is known, zsh completes files. */
export function zshScript(commands: readonly CommandWords[]): string {
  return `#compdef rampart
_rampart() {
  local context state line
  typeset -A opt_args
  _arguments -C '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, description }) => `        ${quoted(`${name}:${description}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    rest)
      case $words[1] in
${commands.map(caseOf).join('\n')}
      esac
      ;;
  esac
}
compdef _rampart rampart
`;
}

function caseOf({ name, options, arguments: known }: CommandWords): string {
  const specifications = [
    ...options.map(optionSpecification),
    ...known.map((words, index) => quoted(`${index + 1}: :${actionFor(words)}`)),
  ];
  return `        ${name}) _arguments ${specifications.join(' ')} ;;`;
}

function optionSpecification({ name, description, takesValue, choices }: OptionWords): string {
  const explained = `--${name}[${description.replace(/[[\]\\:]/g, '\\$&')}]`;
  return quoted(takesValue ? `${explained}: :${actionFor(choices)}` : explained);
}

function actionFor(words: readonly string[]): string {
  return words.length === 0 ? '_files' : `(${words.join(' ')})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

import type { CommandWords } from './words';

/** A script for bash. Where nothing is known, bash completes files. */
export function bashScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `_rampart() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words=
  if (( COMP_CWORD == 1 )); then
    words='${names}'
  elif [[ $current == -* ]]; then
    case $command in
${commands.map(({ name, options }) => `      ${name}) words='${options.map((option) => `--${option.name}`).join(' ')}' ;;`).join('\n')}
    esac
  else
    case "$command $previous" in
${commands.flatMap(valuesOf).join('\n')}
      *)
        case $command in
${commands.flatMap(argumentsOf).join('\n')}
        esac
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _rampart rampart
`;
}

/** What options that take a value take: choices, or files where there are none. */
function valuesOf({ name, options }: CommandWords): string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map((option) => `      '${name} --${option.name}') words='${option.choices.join(' ')}' ;;`);
}

function argumentsOf({ name, arguments: known }: CommandWords): string[] {
  const words = known.flat();
  return words.length === 0 ? [] : [`          ${name}) words='${words.join(' ')}' ;;`];
}

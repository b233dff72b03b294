/** What the options of every command say about printing. */
export interface PrintOptions {
  /** False where `--no-color` asks for none. */
  readonly color?: boolean;
  readonly quiet?: boolean;
}

let options: PrintOptions = {};

/** From here on, what is printed follows these options. */
export function printAs(asked: PrintOptions): void {
  options = asked;
}

/** Whether results and errors alone are printed, without progress. */
export function isQuiet(): boolean {
  return options.quiet === true;
}

/** https://no-color.org, and FORCE_COLOR as Node has it. */
export function inColour(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (options.color === false || NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return process.stdout.isTTY && TERM !== 'dumb';
}

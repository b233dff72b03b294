/** Two folders or more, from a root on. */
const ABSOLUTE = /(?<![\w/.:-])(?:[A-Za-z]:[\\/]|\/)(?:[^\s"'\\/]+[\\/])+([^\s"'\\/]*)/g;

/** A message without the places of this machine: of absolute paths the last part is left. */
export function withoutPaths(message: string): string {
  return message.replace(ABSOLUTE, (_, last: string) => last);
}

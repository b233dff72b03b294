/** In quotes, where names may have spaces: anything from a root on. */
const QUOTED = /(["'])(?:[A-Za-z]:[\\/]|\/)(?:[^"'\n]*[\\/])?([^"'\n\\/]+)\1/g;

/** Two folders or more, from a root on. */
const ABSOLUTE = /(?<![\w/.:-])(?:[A-Za-z]:[\\/]|\/)(?:[^\s"'\\/]+[\\/])+([^\s"'\\/]*)/g;

/** A message without the places of this machine: of absolute paths the last part is left. */
export function withoutPaths(message: string): string {
  return message
    .replace(QUOTED, (_, quote: string, last: string) => quote + last + quote)
    .replace(ABSOLUTE, (_, last: string) => last);
}

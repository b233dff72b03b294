let address = '/runs';

/** Remembers how the list of runs was filtered and sorted last, for the way back to it. */
export function rememberRunList(query: string): void {
  address = query === '' ? '/runs' : `/runs?${query}`;
}

/** The list of runs as it was seen last in this tab; unfiltered where it was not seen, as on the server. */
export function lastRunList(): string {
  return address;
}

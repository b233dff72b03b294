/** The address of this page with some of its state changed, for links. */
export function withParams(
  pathname: string,
  params: { toString(): string },
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const next = new URLSearchParams(params.toString());
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) next.delete(key);
    else next.set(key, value);
  }
  const query = next.toString();
  return query === '' ? pathname : `${pathname}?${query}`;
}

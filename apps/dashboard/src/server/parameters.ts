/** What Next hands a page of its address. */
export type Search = Promise<Record<string, string | string[] | undefined>>;

/** The first value of each parameter, as the browser has them. */
export function parameters(search: Record<string, string | string[] | undefined>): URLSearchParams {
  const result = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) result.set(key, first);
  }
  return result;
}

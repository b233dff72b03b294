/** Of rows with the same values of these columns the last: PostgreSQL replaces a row only once in a statement. */
export function lastOf<T>(rows: readonly T[], columns: readonly (keyof T)[]): T[] {
  return [...new Map(rows.map((row) => [JSON.stringify(columns.map((column) => row[column])), row])).values()];
}

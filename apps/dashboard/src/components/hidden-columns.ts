/** Columns that the address says are hidden: `hide=dataset.models`. */
export function hiddenColumns(params: { get(name: string): string | null }): ReadonlySet<string> {
  return new Set((params.get('hide') ?? '').split('.').filter((one) => one !== ''));
}

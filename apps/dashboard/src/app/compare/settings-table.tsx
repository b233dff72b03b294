import type { SettingsDifference } from '@rampart/api';

/** In what the compared runs differ before their figures do. */
export function SettingsTable(props: {
  readonly runs: readonly { readonly id: string; readonly name: string }[];
  readonly settings: readonly SettingsDifference[];
}) {
  const { runs, settings } = props;
  return (
    <section aria-labelledby="settings-title" className="card mb-4 min-w-0 overflow-hidden">
      <h2 id="settings-title" className="border-b border-line px-4 py-2.5 text-sm font-semibold">
        What differs in their settings
      </h2>
      {settings.length === 0 ? (
        <p className="px-4 py-2.5 text-[13px] text-ink-2">Nothing: they are runs of one experiment.</p>
      ) : (
        <div className="overflow-x-auto" role="region" aria-label="Settings that differ" tabIndex={0}>
          <table className="w-full text-[13px]">
            <caption className="sr-only">Settings that are not the same in all runs</caption>
            <thead>
              <tr className="border-b border-line text-left align-bottom text-xs text-ink-3">
                <th scope="col" className="sticky left-0 bg-surface px-4 py-1.5 font-medium">
                  Setting
                </th>
                {runs.map(({ id, name }) => (
                  <th key={id} scope="col" className="min-w-40 px-3 py-1.5 font-medium">
                    {name} <span className="figures font-normal">{id.slice(-6)}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {settings.map(({ field, values }) => (
                <tr key={field} className="align-top">
                  <th scope="row" className="sticky left-0 bg-surface px-4 py-1.5 text-left font-medium">
                    {field}
                  </th>
                  {values.map((value, index) => (
                    <td key={runs[index]!.id} className="px-3 py-1.5 break-words text-ink-2">
                      {value ?? <span className="text-ink-3">–</span>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

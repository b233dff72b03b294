import type { ShownRow } from '@rampart/api';

/** What an attack changed of a table's row, with the differences; what it left as it was can be opened. */
export function RowChanges({ row: { cells } }: { readonly row: ShownRow }) {
  const changed = cells.filter((cell) => cell.changed);
  const same = cells.filter((cell) => !cell.changed);
  return (
    <div className="min-w-0 text-[13px]">
      {changed.length === 0 ? (
        <p className="text-ink-2">Nothing was changed.</p>
      ) : (
        <div className="overflow-x-auto" role="region" aria-label="Changed columns" tabIndex={0}>
          <table className="figures">
            <thead className="text-xs text-ink-3">
              <tr>
                <th scope="col" className="py-1 pr-6 text-left font-medium">
                  Column
                </th>
                {['Before', 'After', 'Difference'].map((head) => (
                  <th key={head} scope="col" className="py-1 pl-6 text-right font-medium">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {changed.map(({ name, original, adversarial, difference }) => (
                <tr key={name} className="border-t border-line">
                  <th scope="row" className="py-1 pr-6 text-left font-medium">
                    {name}
                  </th>
                  <td className="py-1 pl-6 text-right text-ink-2">{original}</td>
                  <td className="py-1 pl-6 text-right">{adversarial}</td>
                  <td className="py-1 pl-6 text-right text-ink-2">{difference ?? 'another category'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {same.length > 0 && (
        <details className="mt-2">
          <summary className="text-ink-2">
            {same.length === 1 ? '1 column' : `${same.length} columns`} as before
          </summary>
          <dl className="figures mt-1 grid max-w-xs grid-cols-[1fr_auto] gap-x-6 gap-y-0.5">
            {same.map(({ name, original }) => (
              <div key={name} className="contents">
                <dt className="wrap-anywhere text-ink-2">{name}</dt>
                <dd className="text-right">{original}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

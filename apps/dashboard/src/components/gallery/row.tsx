import type { ShownRow } from '@rampart/api';

/** Columns that are listed; the others are counted. */
const LISTED = 12;

/** A table's row as it was. */
export function OriginalRow({ row: { cells } }: { readonly row: ShownRow }) {
  return (
    <dl className="figures rounded-sm bg-sunken p-2 text-xs font-normal">
      {cells.slice(0, LISTED).map(({ name, original }) => (
        <div key={name} className="flex justify-between gap-2">
          <dt className="truncate text-ink-2" title={name}>
            {name}
          </dt>
          <dd>{original}</dd>
        </div>
      ))}
      {cells.length > LISTED && <div className="text-ink-3">and {cells.length - LISTED} more</div>}
    </dl>
  );
}

/** What an attack changed of a table's row: the columns before and after. */
export function Row({ row: { cells } }: { readonly row: ShownRow }) {
  const changed = cells.filter((cell) => cell.changed);
  return (
    <div className="min-h-16 rounded-sm bg-sunken p-2 text-xs">
      <table className="figures w-full">
        <tbody>
          {changed.slice(0, LISTED).map(({ name, original, adversarial }) => (
            <tr key={name}>
              <th scope="row" className="max-w-28 truncate pr-2 text-left font-normal text-ink-2" title={name}>
                {name}
              </th>
              <td className="pr-2 text-right whitespace-nowrap text-ink-3">{original}</td>
              <td className="text-right whitespace-nowrap">
                <span aria-hidden="true">→ </span>
                <span className="sr-only"> became </span>
                {adversarial}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="text-ink-3">
        {changed.length > LISTED && `and ${changed.length - LISTED} more; `}
        {changed.length === 0 ? 'nothing changed' : `${cells.length - changed.length} of ${cells.length} as before`}
      </p>
    </div>
  );
}

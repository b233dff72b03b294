import type { ShownRow } from '../../report/shown-row';

/** Columns that are listed; the others are counted. */
const LISTED = 24;

/** A table's row as it was. */
export function OriginalRow({ row: { cells } }: { readonly row: ShownRow }) {
  return (
    <dl className="features">
      {cells.slice(0, LISTED).map(({ name, original }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{original}</dd>
        </div>
      ))}
      {cells.length > LISTED && <div>and {cells.length - LISTED} more</div>}
    </dl>
  );
}

/** What of it was changed. */
export function ChangedRow({ row: { cells, scale } }: { readonly row: ShownRow }) {
  const changed = cells.filter((cell) => cell.changed);
  if (changed.length === 0) return <div className="small soft">nothing changed</div>;
  return (
    <dl className="features" title={`Largest change ${scale.toFixed(3)} of a range`}>
      {changed.slice(0, LISTED).map(({ name, original, adversarial }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {original} → <strong>{adversarial}</strong>
          </dd>
        </div>
      ))}
      <div className="small soft">
        {changed.length > LISTED && `and ${changed.length - LISTED} more; `}
        {cells.length - changed.length} of {cells.length} as before
      </div>
    </dl>
  );
}

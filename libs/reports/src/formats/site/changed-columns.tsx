import type { ShownRow } from '../../report/shown-row';

/** The columns of a table's row that were changed, with the differences. */
export function ChangedColumns({ row: { cells } }: { readonly row: ShownRow }) {
  const changed = cells.filter((cell) => cell.changed);
  if (changed.length === 0) return <p>Nothing was changed.</p>;
  return (
    <div className="wide" role="region" aria-label="Changed columns" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {['column', 'before', 'after', 'difference'].map((head) => (
              <th scope="col" key={head}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {changed.map(({ name, original, adversarial, difference }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{original}</td>
              <td>{adversarial}</td>
              <td>{difference ?? 'another category'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="small soft">
        {cells.length - changed.length} of {cells.length} columns as before.
      </p>
    </div>
  );
}

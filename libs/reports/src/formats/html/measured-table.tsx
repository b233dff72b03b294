import { attackText } from '../../report/attack-labels';
import type { ReportCell, ReportTable } from '../../report/tables';
import type { CSSProperties } from 'react';

import { figureText } from '../figure-text';

/** A table of a report as a heat map: the larger a figure, the stronger its colour. */
export function MeasuredTable({ table }: { readonly table: ReportTable }) {
  const { id, title, note, columns, rows, unit, metric } = table;
  const values = rows.flatMap(({ cells }) => cells.flatMap((cell) => (cell ? [cell.value] : [])));
  const most = Math.max(...values, Number.MIN_VALUE);
  return (
    <section id={id}>
      <h2>{title}</h2>
      <p className="soft">{note}</p>
      <div className="wide" role="region" aria-label={title} tabIndex={0}>
        <table className={metric === 'error-rate' ? 'tone-error' : 'tone-effort'}>
          <thead>
            <tr>
              <th scope="col">model</th>
              {columns.map((column) => (
                <th scope="col" key={column}>
                  {attackText(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ model, cells }) => (
              <tr key={model}>
                <th scope="row">{model}</th>
                {cells.map((cell, column) =>
                  cell ? (
                    <Figure key={columns[column]} cell={cell} unit={unit} share={cell.value / most} />
                  ) : (
                    <td key={columns[column]} />
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface FigureProps {
  readonly cell: ReportCell;
  readonly unit: string;
  /** Of the table's largest figure. */
  readonly share: number;
}

function Figure({ cell, unit, share }: FigureProps) {
  const { measured, deviation, interval, published, difference } = figureText(cell, unit);
  return (
    <td className="heat" style={{ '--share': share.toFixed(3) } as CSSProperties}>
      <strong>{measured}</strong>
      {deviation !== undefined && ` ± ${deviation}`}
      <small>{interval}</small>
      {published !== undefined && (
        <small>
          pub. {published} ({difference})
        </small>
      )}
    </td>
  );
}

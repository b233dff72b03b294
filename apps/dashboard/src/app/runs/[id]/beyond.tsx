'use client';

import type { ReportTable } from '@rampart/api';
import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '@/client/trpc';
import { Label } from '@/components/label';

/** What a matrix has no place for: naive figures, attacks that a defense was not trained for, and transferability. */
export function Beyond({ id }: { readonly id: string }) {
  const trpc = useTRPC();
  const { data = [] } = useQuery(trpc.runs.beyond.queryOptions({ id }));
  return data.map((table) => <Table key={table.id} table={table} />);
}

function Table({ table: { id, title, note, columns, rows } }: { readonly table: ReportTable }) {
  return (
    <section className="card min-w-0 overflow-hidden">
      <header className="border-b border-line px-4 py-3">
        <h2 id={`beyond-${id}`} className="text-sm font-semibold">
          {title}
        </h2>
        <p className="mt-1 max-w-4xl text-xs text-ink-3">{note}</p>
      </header>
      <div className="overflow-x-auto" role="region" aria-labelledby={`beyond-${id}`} tabIndex={0}>
        <table className="figures w-full text-[13px]">
          <thead>
            <tr className="text-left align-bottom text-xs text-ink-3">
              <th scope="col" className="px-4 py-2 font-medium">
                model
              </th>
              {columns.map((column) => (
                <th key={column} scope="col" className="px-3 py-2 text-right font-medium">
                  {column === 'none' ? 'no attack' : column === 'worst-case' ? 'worst case' : column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ model, cells }) => (
              <tr key={model} className="border-t border-line">
                <th scope="row" className="px-4 py-1.5 text-left font-normal">
                  <Label text={model} />
                </th>
                {cells.map((cell, index) => (
                  <td key={columns[index]} className="px-3 py-1.5 text-right">
                    {cell ? `${(100 * cell.value).toFixed(1)}%` : ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

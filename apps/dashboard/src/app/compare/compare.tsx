'use client';

import type { AppRouter, CompareColumn, CompareDifference, CompareRow, MatrixFigure } from '@rampart/api';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { inferProcedureOutput } from '@trpc/server';
import Link from 'next/link';
import { useState } from 'react';

import { useTRPC } from '@/client/trpc';
import { difference, figure, metricName, MODE_TEXT, moment } from '@/components/format';
import { Icon } from '@/components/icon';
import { Label } from '@/components/label';
import { useSearchState } from '@/components/search-state';
import { TableFiles } from '@/components/table-files';
import { Empty } from '@/components/ui/empty';
import { PageHead } from '@/components/ui/page-head';
import { Segments } from '@/components/ui/segments';
import { Stale } from '@/components/ui/stale';

import { type CompareInput, compareQuery, MOST_COLUMNS, readColumns, writeColumns } from './query';
import { SettingsTable } from './settings-table';

type Table = inferProcedureOutput<AppRouter['compare']['table']>;
type Column = CompareInput['columns'][number];

/** Models of several runs, cell by cell. */
export function Compare() {
  const trpc = useTRPC();
  const { params, set } = useSearchState();
  const query = compareQuery(params);
  const chosen = query.columns.length > 0;
  const {
    data,
    error,
    isPlaceholderData: stale,
  } = useQuery(trpc.compare.table.queryOptions(query, { enabled: chosen, placeholderData: keepPreviousData }));
  const empty = data?.runs.filter(({ id }) => !data.columns.some(({ run }) => run.id === id)) ?? [];
  const columns = readColumns(params.get('runs'));
  const choose = (next: readonly Column[]) => set({ runs: writeColumns(next) });
  return (
    <>
      <PageHead
        title="Compare"
        actions={data && chosen && <TableFiles name="comparison" disabled={stale} table={() => tableOf(data)} />}
      >
        Models of any runs side by side; each figure against the first column.
      </PageHead>
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <AddColumn columns={columns} onAdd={(column) => choose([...columns, column])} />
        {chosen && (
          <>
            <Segments
              label="Examples"
              value={query.mode ?? 'adaptive'}
              options={[
                ['adaptive', 'Adaptive'],
                ['static', 'Transfer (static)'],
              ]}
              onChange={(mode) => set({ mode: mode === 'adaptive' ? undefined : mode })}
            />
            <label className="flex items-center gap-2 text-[13px] text-ink-2">
              Metric
              <select
                className="field"
                value={query.metric}
                onChange={(event) =>
                  set({ metric: event.target.value === 'robust-accuracy' ? undefined : event.target.value })
                }
              >
                {(data?.metrics ?? ['robust-accuracy']).map((metric) => (
                  <option key={metric} value={metric}>
                    {metricName(metric)}
                  </option>
                ))}
              </select>
            </label>
          </>
        )}
      </div>
      {error && (
        <Empty tone="bad" title="The comparison cannot be made">
          <p>{error.message}</p>
          <button type="button" className="button" onClick={() => choose([])}>
            Begin again
          </button>
        </Empty>
      )}
      {!chosen && (
        <Empty icon="compare" title="Nothing to compare yet">
          Choose a run above, all its models or one, then another.
        </Empty>
      )}
      {data && chosen && !error && (
        <Stale when={stale}>
          <p className="mb-2 max-w-4xl text-xs text-ink-3">
            {METRIC_TEXT[query.metric ?? 'robust-accuracy'] ?? ''} {MODE_TEXT[query.mode ?? 'adaptive']}
          </p>
          {empty.length > 0 && (
            <p role="status" className="mb-2 text-[13px] text-warn">
              Nothing to compare of {empty.map(({ name, id }) => `${name} (${id.slice(-6)})`).join(', ')}: no figures
              yet.
            </p>
          )}
          {data.runs.length > 1 && <SettingsTable runs={data.runs} settings={data.settings} />}
          <CompareTable
            table={data}
            stale={stale}
            onRemove={(column) =>
              // A run that stands for all its models is taken apart when one of them goes.
              choose(
                data.columns
                  .filter((one) => one !== column)
                  .map(({ run, model }) => ({ run: run.id, model }))
                  .slice(0, MOST_COLUMNS),
              )
            }
            onFirst={(column) =>
              choose(
                [column, ...data.columns.filter((one) => one !== column)]
                  .map(({ run, model }) => ({ run: run.id, model }))
                  .slice(0, MOST_COLUMNS),
              )
            }
          />
        </Stale>
      )}
    </>
  );
}

/** As a file: a line for each row and column, with the difference from the first column. */
function tableOf({ rows, columns, unit }: Table): (string | number)[][] {
  const rounded = (value: number) => Number(value.toPrecision(6));
  return [
    ['run', 'run id', 'model', 'attack', 'threat', 'value', 'low', 'high', 'n', 'unit', 'difference', 'apart'],
    ...rows.flatMap(({ attack, threat = '', figures, differences }) =>
      figures.flatMap((one, index) => {
        if (!one) return [];
        const { run, model } = columns[index]!;
        const from = differences[index];
        const told = from?.comparable ? [rounded(one.value - figures[0]!.value), from.apart ? 'yes' : 'no'] : ['', ''];
        const figure = [rounded(one.value), rounded(one.low), rounded(one.high), one.count, unit];
        return [[run.name, run.id, model, attack, threat, ...figure, ...told]];
      }),
    ),
  ];
}

/** What the figures of a metric are of. */
const METRIC_TEXT: Readonly<Record<string, string>> = {
  'robust-accuracy':
    'Of the instances that could be attacked, those that are right without, the share that stays right.',
  'attack-success': 'Of the instances that could be attacked, those that are right without, the share that evades.',
  'error-rate': 'Of the whole test set, attacked or not.',
};

function CompareTable(props: {
  readonly table: Table;
  /** Whether columns are on their way: none of those here is removed or put first until they have come. */
  readonly stale: boolean;
  readonly onRemove: (column: CompareColumn) => void;
  readonly onFirst: (column: CompareColumn) => void;
}) {
  const { table } = props;
  const severalDatasets = new Set(table.columns.map((column) => column.run.dataset)).size > 1;
  return (
    <div className="card overflow-x-auto">
      {severalDatasets && (
        <p className="m-3 flex items-center gap-2 rounded-lg bg-warn-soft px-3 py-2 text-[13px] text-warn">
          <Icon name="alert" size={15} /> These runs are on different datasets: their figures are not of the same thing.
        </p>
      )}
      <table className="figures w-full text-[13px]">
        <caption className="sr-only">{table.columns.length} models side by side</caption>
        <thead>
          <tr className="border-b border-line align-bottom">
            <th
              scope="col"
              className="sticky left-0 z-10 bg-surface px-4 py-2.5 text-left text-xs font-medium text-ink-3"
            >
              Attack
            </th>
            {table.columns.map((column, index) => (
              <th
                key={`${column.run.id}/${column.model}`}
                scope="col"
                className="min-w-40 px-3 py-2.5 text-right font-normal"
              >
                <div className="font-semibold">
                  <Label text={column.model} />
                </div>
                <Link href={`/runs/${column.run.id}`} className="text-xs text-ink-3 hover:text-accent hover:underline">
                  {column.run.name} <span className="figures">{column.run.id.slice(-6)}</span>
                </Link>
                <div className="mt-1 flex items-center justify-end gap-1 text-xs">
                  {index === 0 ? (
                    <span className="rounded bg-accent-soft px-1.5 text-accent">baseline</span>
                  ) : (
                    <button
                      type="button"
                      className="rounded px-1.5 text-ink-3 hover:bg-sunken hover:text-ink"
                      disabled={props.stale}
                      onClick={() => props.onFirst(column)}
                    >
                      as baseline
                    </button>
                  )}
                  <button
                    type="button"
                    aria-label={`Remove ${column.model} of ${column.run.name}`}
                    className="grid size-5 place-items-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
                    disabled={props.stale}
                    onClick={() => props.onRemove(column)}
                  >
                    <Icon name="close" size={11} />
                  </button>
                </div>
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {table.rows.map((row) => (
            <tr key={`${row.threat}/${row.attack}/${row.mode}`}>
              <th
                scope="row"
                className="sticky left-0 z-10 bg-surface px-4 py-2 text-left font-medium whitespace-nowrap"
              >
                {rowName(row)}
                {row.threat !== undefined && <span className="block text-xs font-normal text-ink-3">{row.threat}</span>}
              </th>
              {row.figures.map((one, index) => (
                <td
                  key={`${table.columns[index]!.run.id}/${table.columns[index]!.model}`}
                  className="px-3 py-2 text-right"
                >
                  <Figure
                    value={one}
                    doubts={row.doubts[index]!}
                    difference={row.differences[index]}
                    base={row.figures[0]}
                    unit={table.unit}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="border-t border-line px-4 py-2 text-xs text-ink-3">
        95% intervals in small print. <strong className="font-semibold text-ink-2">apart</strong>: they differ from the
        first column by more than noise; <span className="text-ink-2">within noise</span>: they may not. On the same
        instances McNemar’s exact test says so (p below 0.05), over several seeds the paired interval of the difference;
        where neither can be, whether the intervals overlap.
      </p>
    </div>
  );
}

function rowName({ attack }: CompareRow): string {
  return attack === 'none' ? 'No attack' : attack === 'worst-case' ? 'Worst case' : attack;
}

function Figure({
  value,
  doubts,
  base,
  difference: from,
  unit,
}: {
  readonly value: MatrixFigure | undefined;
  readonly doubts: readonly string[];
  readonly base: MatrixFigure | undefined;
  readonly difference: CompareDifference | undefined;
  readonly unit: string;
}) {
  if (!value) return <span className="text-ink-3">–</span>;
  return (
    <>
      <div className="font-semibold">{figure(value.value, unit)}</div>
      <div className="text-[11px] whitespace-nowrap text-ink-3">
        {figure(value.low, unit)} – {figure(value.high, unit)}
      </div>
      {doubts.length > 0 && (
        <div
          className="text-[11px] font-semibold text-warn"
          title={`A serious finding is about this figure: ${doubts.join(', ')}`}
        >
          in doubt: {doubts.map((one) => one.replaceAll('-', ' ')).join(', ')}
        </div>
      )}
      {from && base && (
        <div className="mt-0.5 text-xs whitespace-nowrap">
          {from.comparable ? (
            <>
              <span className={from.apart ? 'font-semibold' : 'text-ink-3'}>
                {difference(value.value - base.value, unit)}
              </span>{' '}
              <span className={from.apart ? 'rounded bg-accent-soft px-1 text-accent' : 'text-ink-3'}>
                {from.apart ? 'apart' : 'within noise'}
              </span>
              <span className="block text-[11px] text-ink-3">{testName(from)}</span>
            </>
          ) : (
            <span className="text-ink-3">not compared: {from.reason}</span>
          )}
        </div>
      )}
    </>
  );
}

function testName({ test, p, low, high }: CompareDifference & { readonly comparable: true }): string {
  if (test === 'mcnemar') return `McNemar, p = ${p! < 0.001 ? p!.toExponential(1) : p!.toPrecision(2)}`;
  if (test === 'paired-seeds') return `paired seeds, ${(low! * 100).toFixed(1)} to ${(high! * 100).toFixed(1)}`;
  return 'not paired: intervals';
}

function AddColumn({
  columns,
  onAdd,
}: {
  readonly columns: readonly Column[];
  readonly onAdd: (column: Column) => void;
}) {
  const trpc = useTRPC();
  const [search, setSearch] = useState('');
  const { data } = useQuery(
    trpc.runs.list.queryOptions(
      { perPage: 50, ...(search.trim() !== '' && { search: search.trim() }) },
      { placeholderData: keepPreviousData },
    ),
  );
  const [run, setRun] = useState('');
  const [model, setModel] = useState('');
  const models = data?.runs.find((one) => one.id === run)?.models ?? [];
  const known = (candidate: Column) =>
    columns.some((one) => one.run === candidate.run && one.model === candidate.model);
  const candidate: Column = model === '' ? { run } : { run, model };
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onAdd(candidate);
        setModel('');
      }}
    >
      <input
        type="search"
        className="field w-44"
        placeholder="Find a run"
        aria-label="Find a run"
        maxLength={200}
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setRun('');
          setModel('');
        }}
      />
      <select
        className="field max-w-72"
        aria-label="Run"
        value={run}
        onChange={(event) => {
          setRun(event.target.value);
          setModel('');
        }}
      >
        <option value="">
          {data && data.total > data.runs.length
            ? `Choose one of the latest ${data.runs.length} of ${data.total}`
            : 'Choose a run'}
        </option>
        {data?.runs.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name} ({one.id.slice(-6)}, {moment(one.startedAt)})
          </option>
        ))}
      </select>
      <select
        className="field max-w-56"
        aria-label="Model"
        value={model}
        disabled={run === ''}
        onChange={(event) => setModel(event.target.value)}
      >
        <option value="">All its models</option>
        {models.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <button type="submit" className="button" data-primary disabled={run === '' || known(candidate)}>
        Add
      </button>
    </form>
  );
}

'use client';

import type { DoubtfulFigure, Matrix, MatrixFigure, MissingCell } from '@rampart/api';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import dynamic from 'next/dynamic';
import { type KeyboardEvent, type ReactNode, useEffect } from 'react';

import { useTRPC } from '@/client/trpc';
import { Icon } from '@/components/icon';
import { difference, figure, metricName, MODE_TEXT } from '@/components/format';
import { Label } from '@/components/label';
import { JobNotice } from '@/components/model/job-notice';
import { useJob } from '@/components/model/use-inspection';
import { ForWriters } from '@/components/visitor';
import { useSearchState } from '@/components/search-state';
import { Empty } from '@/components/ui/empty';
import { Segments } from '@/components/ui/segments';
import { Stale } from '@/components/ui/stale';

import { Beyond } from './beyond';
import { Claims } from './claims';
import { Findings } from './findings';
import { RunVersions } from './made-with';
import { hasThreats } from './has-threats';
import { type CellAddress, cellOf, matrixQuery } from './matrix-query';
import { Standing } from './standing';
import { useRun } from './use-run';
import { withParams } from '@/components/with-params';

/** What the column of the worst case is called in addresses. */
const WORST_CASE = 'worst-case';

/** Its charts come with the first cell that is opened. */
const CellPanel = dynamic(async () => (await import('./cell-panel')).CellPanel);

/** Models and defenses against attacks, with what is behind each figure. */
export function MatrixView({ id }: { readonly id: string }) {
  const trpc = useTRPC();
  const { params, set } = useSearchState();
  const { metric, mode } = matrixQuery(params);
  const { run, steps = [] } = useRun(id).data ?? {};
  const { data, error, isPlaceholderData } = useQuery(
    trpc.runs.matrix.queryOptions({ id, metric }, { placeholderData: keepPreviousData }),
  );
  const { data: standings } = useQuery(trpc.runs.standings.queryOptions({ id }));
  if (error)
    return (
      <Empty tone="bad" title="The figures cannot be read">
        {error.message}
      </Empty>
    );
  if (!data) return null;
  if (data.metrics.length === 0) {
    const ended = run !== undefined && run.state !== 'running';
    return (
      <Empty icon="clock" title={ended ? 'Nothing was measured' : 'Nothing measured yet'}>
        {ended
          ? 'The run stopped before a model was trained and evaluated. The log tells how far it came.'
          : 'The first figures appear here as soon as a model is trained and evaluated.'}
      </Empty>
    );
  }
  const matrix = data[mode];
  const open = cellOf(params);
  const known = data.metrics.includes(metric);
  const none = matrix.attacks.length === 0 && data[mode === 'static' ? 'adaptive' : 'static'].attacks.length > 0;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Segments
          label="Examples"
          value={mode}
          options={[
            ['adaptive', 'Adaptive'],
            ['static', 'Transfer (static)'],
          ]}
          onChange={(value) =>
            set({
              mode: value === 'adaptive' ? undefined : value,
              // The cell that is open stays so, where there is one like it.
              ...(open && !hasCell(data[value], open) && { model: undefined, attack: undefined }),
            })
          }
        />
        <label className="flex items-center gap-2 text-[13px] text-ink-2">
          Metric
          <select
            className="field"
            value={metric}
            onChange={(event) => set({ metric: event.target.value === 'error-rate' ? undefined : event.target.value })}
          >
            {[...data.metrics, ...(known ? [] : [metric])].map((one) => (
              <option key={one} value={one}>
                {titleOf({ metric: one, target: matrix.target })}
              </option>
            ))}
          </select>
        </label>
        <p className="text-[13px] text-ink-2">{MODE_TEXT[mode]}</p>
      </div>
      {matrix.target && metric !== 'success-rate' && (
        <p className="-mt-2 max-w-4xl text-xs text-ink-3">
          The attacks aim at {matrix.target}; any wrong class counts here. How many are taken for it:{' '}
          <button type="button" className="link" onClick={() => set({ metric: 'success-rate' })}>
            targeted success
          </button>
          .
        </p>
      )}
      {hasThreats(steps) && (
        <p className="-mt-2 max-w-4xl text-xs text-ink-3">
          Every example counts here, however far it is from its original. What counts within a threat is on the page{' '}
          <Link href={`/runs/${id}`} className="link">
            Robustness
          </Link>
          .
        </p>
      )}
      {/* Attacks of different threats together say nothing of any of them: that is the robustness page's to tell. */}
      {!hasThreats(steps) &&
        standings?.filter((one) => one.mode === mode).map((one) => <Standing key={one.mode} table={one} />)}
      {!hasThreats(steps) && <Findings id={id} />}
      <div
        className={`grid grid-cols-[minmax(0,1fr)] items-start gap-5 ${open ? 'min-[1400px]:grid-cols-[minmax(0,1fr)_auto]' : ''}`}
      >
        {none ? (
          <Empty icon="search" title={mode === 'static' ? 'Nothing was transferred' : 'No model was attacked itself'}>
            {mode === 'static'
              ? 'This run replays no examples: its models were attacked themselves.'
              : 'This run only replays examples that were made against the undefended model.'}
          </Empty>
        ) : known ? (
          <Stale when={isPlaceholderData} className="min-w-0">
            <HeatMap
              matrix={matrix}
              seeds={data.seeds.length}
              doubtful={data.doubtful}
              retryOf={run && run.state !== 'running' && run.state !== 'done' ? run.id : undefined}
            />
          </Stale>
        ) : (
          <Empty icon="search" title={`This run has no metric “${metric}”`}>
            It has {data.metrics.map((one) => titleOf({ metric: one, target: matrix.target })).join(', ')}: choose one
            above.
          </Empty>
        )}
        {open && <CellPanel id={id} cell={open} doubt={doubtOf(data.doubtful, open)} />}
      </div>
      {data.claims.length > 0 && <Claims verdicts={data.claims} />}
      <Beyond id={id} />
      <RunVersions id={id} />
    </div>
  );
}

function doubtOf(doubtful: readonly DoubtfulFigure[], { model, attack, mode }: CellAddress) {
  return doubtful.find((one) => one.model === model && one.attack === attack && one.mode === mode);
}

/** Whether a matrix has the cell of an address. */
function hasCell({ rows, attacks }: Matrix, { model, attack }: CellAddress): boolean {
  const row = rows.find((one) => one.model === model);
  if (attack === 'none') return row?.clean !== undefined;
  return (attack === WORST_CASE ? row?.worst : row?.cells[attacks.indexOf(attack)]) !== undefined;
}

/** Moves from cell to cell by the arrows, as in a spreadsheet. */
function moveByArrows(event: KeyboardEvent<HTMLTableElement>) {
  const [down, right] = ARROWS[event.key] ?? [];
  const cell = event.target instanceof HTMLElement ? event.target.closest('td') : null;
  if (down === undefined || right === undefined || !cell) return;
  const { rows } = event.currentTarget;
  let [row, column] = [(cell.parentElement as HTMLTableRowElement).rowIndex, cell.cellIndex];
  // Past what was not measured.
  for (;;) {
    [row, column] = [row + down, column + right];
    const next = rows[row]?.cells[column];
    if (!next) return;
    const link = next.querySelector('a');
    if (!link) continue;
    event.preventDefault();
    link.focus();
    return;
  }
}

const ARROWS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Where a rate's colours reach their strongest: an attacker who always succeeds on half of the test set errs there. */
const FULL_RATE = 0.5;

function HeatMap(props: {
  readonly matrix: Matrix;
  readonly seeds: number;
  readonly doubtful: readonly DoubtfulFigure[];
  /** The run whose failed attacks can be tried again. */
  readonly retryOf: string | undefined;
}) {
  const { matrix, seeds, doubtful } = props;
  const retry = useRetry(props.retryOf);
  const failed = (attack: string) => matrix.missing.some((one) => one.attack === attack && one.reason !== undefined);
  const doubt = (model: string, attack: string) => doubtOf(doubtful, { model, attack, mode: matrix.mode });
  const figures = matrix.rows.flatMap((row) => [...row.cells, row.worst, row.clean]).filter((one) => one !== undefined);
  const largest = figures.reduce((max, one) => Math.max(max, one.value), 0);
  const full = matrix.unit === 'fraction' ? Math.max(FULL_RATE, largest) : largest || 1;
  const hasClean = matrix.rows.some((row) => row.clean);
  const hasWorst = matrix.rows.some((row) => row.worst);
  const hasPublished = figures.some((one) => one.published);
  const missing = (model: string, attack: string) =>
    matrix.missing.find((one) => one.model === model && one.attack === attack);
  return (
    <section aria-labelledby="matrix-title" className="card min-w-0 overflow-hidden">
      <header className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b border-line px-4 py-2.5">
        <h2 id="matrix-title" className="text-sm font-semibold">
          {titleOf(matrix)}, {matrix.knowledge}
        </h2>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-3">
          <span>
            {matrix.metric === 'error-rate' && 'Of the whole test set, attacked or not; '}
            {matrix.metric === 'success-rate' &&
              matrix.target &&
              `Of the attacked instances: taken for ${matrix.target}; `}
            95% interval below each figure
            {seeds > 1 && `, ± the standard deviation over ${seeds} seeds`}
            {hasPublished && ', then the published one (pub.) and the difference to it'}
          </span>
          <span className="figures flex items-center gap-1.5" aria-hidden="true">
            {figure(0, matrix.unit)}
            <span className="heat-scale h-2.5 w-20 rounded-sm" />
            {figure(full, matrix.unit)}
          </span>
        </div>
      </header>
      {matrix.caveats.map((caveat) => (
        <p key={caveat} className="border-b border-line px-4 py-2 text-xs text-ink-2">
          {caveat}
        </p>
      ))}
      <div className="overflow-x-auto">
        <table className="w-full border-separate border-spacing-0.5 px-1.5 pb-1.5 text-[13px]" onKeyDown={moveByArrows}>
          <caption className="sr-only">
            {titleOf(matrix)} of each model under each attack. {MODE_TEXT[matrix.mode]}
          </caption>
          <thead>
            <tr className="text-xs text-ink-3">
              <th scope="col" className="sticky left-0 z-10 bg-surface px-2.5 py-2 text-left font-medium">
                Model
              </th>
              {hasClean && <ColumnHead attack="No attack" />}
              {matrix.attacks.map((attack) => (
                <ColumnHead key={attack} attack={attack}>
                  {props.retryOf !== undefined && failed(attack) && <Retry attack={attack} retry={retry} />}
                </ColumnHead>
              ))}
              {hasWorst && (
                <ColumnHead
                  attack="Worst case"
                  title="An instance counts as an error where any of the attacks succeeded on it"
                />
              )}
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map((row) => (
              <tr key={row.model}>
                <th
                  scope="row"
                  className="sticky left-0 z-10 min-w-32 bg-surface px-2.5 py-2 text-left font-medium break-words sm:min-w-40"
                >
                  <Label text={row.model} />
                </th>
                {hasClean && (
                  <Cell
                    model={row.model}
                    attack="none"
                    value={row.clean}
                    missing={missing(row.model, 'none')}
                    matrix={matrix}
                    full={full}
                    seeds={seeds}
                  />
                )}
                {row.cells.map((cell, column) => (
                  <Cell
                    key={matrix.attacks[column]}
                    model={row.model}
                    attack={matrix.attacks[column]!}
                    value={cell}
                    missing={missing(row.model, matrix.attacks[column]!)}
                    doubt={doubt(row.model, matrix.attacks[column]!)}
                    matrix={matrix}
                    full={full}
                    seeds={seeds}
                  />
                ))}
                {hasWorst && (
                  <Cell
                    model={row.model}
                    attack={WORST_CASE}
                    value={row.worst}
                    doubt={doubt(row.model, WORST_CASE)}
                    matrix={matrix}
                    full={full}
                    seeds={seeds}
                  />
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Failed missing={matrix.missing} />
      {retry.problem !== undefined && (
        <p role="alert" className="px-4 py-2 text-[13px] text-bad">
          {retry.problem}
        </p>
      )}
      {retry.job && retry.job.state !== 'done' && <JobNotice job={retry.job} doing="Trying it again" />}
    </section>
  );
}

/** Why figures are missing, each reason once. */
function Failed({ missing }: { readonly missing: readonly MissingCell[] }) {
  const reasons = new Map<string, Set<string>>();
  for (const { attack, model, reason } of missing) {
    if (reason === undefined) continue;
    const what = attack === 'none' ? model : attack;
    reasons.set(reason, (reasons.get(reason) ?? new Set()).add(what));
  }
  if (reasons.size === 0) return null;
  return (
    <ul aria-label="What failed" className="grid gap-1 border-t border-line px-4 py-2.5 text-[13px] text-bad">
      {[...reasons].map(([reason, what]) => (
        <li key={reason} className="break-words">
          <span className="font-medium">{[...what].join(', ')}</span> failed: {reason}
        </li>
      ))}
    </ul>
  );
}

/** Has one failed attack tried again, and the page look again when that begins. */
function useRetry(run: string | undefined) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const resume = useMutation(trpc.runs.resume.mutationOptions());
  const job = useJob(resume.data?.job);
  const begun = job?.runId !== undefined && job.state === 'running';
  useEffect(() => {
    if (begun) void client.invalidateQueries({ queryKey: trpc.runs.get.queryKey() });
  }, [begun, client, trpc]);
  return {
    ask: (attack: string) => run !== undefined && resume.mutate({ id: run, attack }),
    job,
    problem: resume.error?.message,
    asked: resume.isPending || job?.state === 'queued' || job?.state === 'running',
  };
}

function Retry({ attack, retry }: { readonly attack: string; readonly retry: ReturnType<typeof useRetry> }) {
  return (
    <ForWriters>
      <button
        type="button"
        className="mt-1 inline-flex items-center gap-1 rounded border border-line-strong px-1.5 py-0.5 text-[11px] font-medium text-ink hover:bg-sunken disabled:opacity-55"
        disabled={retry.asked}
        onClick={() => retry.ask(attack)}
      >
        <Icon name="undo" size={10} /> Try again<span className="sr-only">: {attack}</span>
      </button>
    </ForWriters>
  );
}

function ColumnHead({
  attack,
  title,
  children,
}: {
  readonly attack: string;
  readonly title?: string;
  readonly children?: ReactNode;
}) {
  return (
    <th
      scope="col"
      className="px-2 py-2 text-right align-bottom font-medium wrap-anywhere max-md:max-w-24 md:whitespace-nowrap"
      title={title}
    >
      <Label text={attack} lines />
      {children}
    </th>
  );
}

function Cell(props: {
  readonly model: string;
  readonly attack: string;
  readonly value: MatrixFigure | undefined;
  readonly missing?: MissingCell | undefined;
  readonly doubt?: DoubtfulFigure | undefined;
  readonly matrix: Matrix;
  readonly full: number;
  readonly seeds: number;
}) {
  const { model, attack, value, doubt, matrix, full } = props;
  const { params } = useSearchState();
  const pathname = usePathname();
  if (!value) {
    return (
      <td className="h-px rounded-md bg-sunken/60 px-2 py-2 text-right text-ink-3">
        {props.missing?.reason === undefined ? (
          <span aria-label={props.missing ? 'not yet' : 'not measured'}>{props.missing ? '…' : '–'}</span>
        ) : (
          <span className="font-semibold text-bad" title={props.missing.reason}>
            failed
          </span>
        )}
      </td>
    );
  }
  const share = Math.min(1, Math.max(0, value.value / full));
  const selected = params.get('model') === model && params.get('attack') === attack;
  const { unit } = matrix;
  return (
    <td className="h-px p-0">
      <Link
        title={cellTitle(props, value)}
        href={withParams(pathname, params, selected ? { model: undefined, attack: undefined } : { model, attack })}
        scroll={false}
        aria-current={selected || undefined}
        style={{ '--v': share.toFixed(3) } as React.CSSProperties}
        className="heat figures block h-full min-w-[82px] rounded-md px-2 py-1.5 text-right outline-offset-1 hover:ring-2 hover:ring-accent aria-[current]:ring-2 aria-[current]:ring-accent"
      >
        <span className="block text-sm font-semibold">
          {figure(value.value, unit)}
          <span className="sr-only">
            {' '}
            of {model} {attackText(attack)}
          </span>
        </span>
        <span className="block text-[11px] whitespace-nowrap">
          <span className="sr-only">95% interval </span>
          {figure(value.low, unit).replace('%', '')} – {figure(value.high, unit)}
        </span>
        {value.deviation !== undefined && (
          <span className="block text-[11px] whitespace-nowrap">
            ±{figure(value.deviation, unit)}
            <span className="sr-only"> over the seeds</span>
          </span>
        )}
        {doubt && (
          <span
            title={`A serious finding is about this figure: ${doubt.audits.join(', ')}`}
            className="block text-[11px] font-semibold whitespace-nowrap"
          >
            in doubt
          </span>
        )}
        {value.published && (
          <span className="mt-0.5 block border-t border-current/25 pt-0.5 text-[11px] whitespace-nowrap">
            pub. {figure(value.published.value, unit)}{' '}
            <span className="font-semibold">{difference(value.value - value.published.value, unit)}</span>
          </span>
        )}
      </Link>
    </td>
  );
}

/** What stands behind a figure, for whoever points at it. */
function cellTitle(
  { model, attack, matrix: { unit } }: { model: string; attack: string; matrix: Matrix },
  { value, low, high, deviation, count, seeds }: MatrixFigure,
): string {
  return [
    `${model} ${attackText(attack)}: ${figure(value, unit)}`,
    `95% interval ${figure(low, unit)} to ${figure(high, unit)}`,
    `over ${count.toLocaleString('en')} instances${seeds.length > 1 ? ` for each of ${seeds.length} seeds` : ''}`,
    ...(deviation === undefined ? [] : [`± ${figure(deviation, unit)}: the standard deviation over the seeds`]),
  ].join('\n');
}

function attackText(attack: string): string {
  if (attack === 'none') return 'without an attack';
  return attack === WORST_CASE ? 'in the worst case' : `under ${attack}`;
}

/** In a targeted run success is being taken for the target. */
function titleOf({ metric, target }: Pick<Matrix, 'metric' | 'target'>): string {
  return metric === 'success-rate' && target ? 'Targeted success' : metricName(metric);
}

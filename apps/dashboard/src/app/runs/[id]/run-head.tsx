'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useEffect } from 'react';

import { useTRPC } from '@/client/trpc';
import { count, doneOf, duration, moment } from '@/components/format';
import { Icon } from '@/components/icon';
import { lastRunList } from '@/components/last-run-list';
import { Note } from '@/components/note';
import { ForWriters, useMayWrite } from '@/components/visitor';
import { JobNotice } from '@/components/model/job-notice';
import { useJob } from '@/components/model/use-inspection';
import { Copyable, quoted } from '@/components/copyable';
import { ProgressBar } from '@/components/progress-bar';
import { RunActions } from '@/components/run-actions';
import { StateBadge } from '@/components/run-state';
import { useStoreName } from '@/components/store-name';
import { TagLinks } from '@/components/tag-links';

import { Export } from './export-menu';
import { hasThreats } from './has-threats';
import { useLiveRun } from './use-run';

const TABS = [
  { path: '/curves', label: 'Curves' },
  { path: '/gallery', label: 'Gallery' },
  { path: '/models', label: 'Models' },
  { path: '/log', label: 'Log' },
] as const;

/** The first of a run's pages is what it is about; the matrix has an address of its own in any case. */
const WITH_THREATS = [{ path: '', label: 'Robustness' }, { path: '/matrix', label: 'Matrix' }, ...TABS] as const;
const WITHOUT_THREATS = [{ path: '', label: 'Matrix' }, ...TABS] as const;

/** Name, state and progress of a run, above each of its pages. */
export function RunHead({ id }: { readonly id: string }) {
  const { data, connection } = useLiveRun(id);
  const pathname = usePathname();
  if (!data) return null;
  const { run } = data;
  const threats = hasThreats(data.steps);
  return (
    <div className="mb-5">
      <nav aria-label="Breadcrumb" className="mb-1 text-xs text-ink-3">
        <Link href={lastRunList()} className="hover:text-ink hover:underline">
          Runs
        </Link>{' '}
        / <span className="figures">{run.id}</span>
      </nav>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold tracking-tight break-words">{run.name}</h1>
          <p className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-[13px] text-ink-2">
            <StateBadge state={run.state} />
            <span>{run.dataset}</span>
            <span>
              {run.seeds.length > 1 ? 'seeds' : 'seed'} {run.seeds.join(', ')}
            </span>
            <span>{run.engine} engine</span>
            <span className="figures">
              <time dateTime={new Date(run.startedAt).toISOString()}>{moment(run.startedAt)} UTC</time>
              {run.finishedAt !== undefined && `, took ${duration((run.finishedAt - run.startedAt) / 1000)}`}
            </span>
            <TagLinks tags={run.tags} to={(tag) => `/runs?tag=${encodeURIComponent(tag)}`} />
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <Export id={run.id} />
          <ForWriters>
            <Link href={`/experiment?run=${run.id}`} className="button">
              <Icon name="copy" size={13} /> Duplicate and edit
            </Link>
          </ForWriters>
          <Link href={`/compare?runs=${run.id}`} className="button">
            <Icon name="compare" size={14} /> Compare
          </Link>
          <RunActions run={run} />
        </div>
      </div>
      <Note about={{ run: run.id }} />
      {run.archivedAt !== undefined && (
        <Notice tone="plain">Archived: lists and rankings have it only where that is asked for.</Notice>
      )}
      {run.state === 'running' && <Live data={data} connection={connection} />}
      {run.state === 'interrupted' && (
        <Notice tone="warn">Its process has stopped without a word. Nothing that was finished is lost.</Notice>
      )}
      {run.state === 'failed' && <Failures run={run} failures={data.failures} />}
      {run.state !== 'running' && run.state !== 'done' && <GoOn data={data} />}
      {run.notes.map((note) => (
        <Notice key={note} tone="plain">
          {note}
        </Notice>
      ))}
      <nav aria-label="Run" className="mt-4 flex gap-1 overflow-x-auto border-b border-line">
        {(threats ? WITH_THREATS : WITHOUT_THREATS).map(({ path, label }) => {
          const href = `/runs/${run.id}${path}`;
          // The address may have any beginning of the identity, or "latest".
          const tail = pathname.split('/').slice(3).join('/');
          const here =
            path === ''
              ? tail === '' || (label === 'Matrix' && tail === 'matrix')
              : tail === path.slice(1) || tail.startsWith(`${path.slice(1)}/`);
          return (
            <Link
              key={path}
              href={href}
              aria-current={here ? 'page' : undefined}
              className="-mb-px border-b-2 border-transparent px-3 py-2 text-[13px] font-medium text-ink-2 hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink"
            >
              {label}
            </Link>
          );
        })}
      </nav>
    </div>
  );
}

type LiveRun = NonNullable<ReturnType<typeof useLiveRun>['data']>;

function Live({
  data: { run, progress },
  connection,
}: {
  readonly data: LiveRun;
  readonly connection: string | undefined;
}) {
  return (
    <section aria-label="Progress" className="card mt-3 p-3.5">
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 text-[13px]">
        <span className="figures font-medium" aria-live="polite">
          {run.stepsDone} of {count(run.stepsTotal, 'step')} done
          {run.cancelRequested && ', stopping'}
        </span>
        <span className="figures text-ink-2">
          {progress?.left ?? 'time left not known yet'}
          {connection === 'connecting' && ' · reconnecting'}
        </span>
      </div>
      <ProgressBar value={run.stepsDone / Math.max(1, run.stepsTotal)} label="Steps done" />
      {progress && progress.active.length > 0 && (
        <ul className="mt-3 grid gap-x-8 gap-y-2 sm:grid-cols-2">
          {progress.active.map((step) => (
            <li key={step.key} className="min-w-0 text-[13px]">
              <div className="flex justify-between gap-3">
                <span className="truncate">{step.label}</span>
                <span className="figures shrink-0 text-ink-3">
                  {step.total ? doneOf(step.done ?? 0, step.total, step.unit) : 'starting'}
                  {step.pace && `, ${step.pace}`}
                </span>
              </div>
              <div className="mt-1">
                <ProgressBar value={step.total ? (step.done ?? 0) / step.total : 0} label={step.label} />
              </div>
              {step.detail && <div className="figures mt-0.5 truncate text-xs text-ink-3">{step.detail}</div>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What failed, each reason once; what else there is stands without it. */
function Failures({ run, failures }: { readonly run: LiveRun['run']; readonly failures: LiveRun['failures'] }) {
  if (failures.length === 0) return <Notice tone="bad">{run.error ?? 'The run failed.'}</Notice>;
  return (
    <div role="alert" className="mt-3 grid gap-1.5 rounded-lg bg-bad-soft px-3 py-2 text-[13px] text-bad">
      {failures.map(({ reason, steps }) => (
        <details key={reason}>
          <summary className="break-words">
            {count(steps.length, 'step')} failed: {reason}
          </summary>
          <ul className="mt-1 ml-4 list-disc pl-2 break-words">
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
        </details>
      ))}
      <p>All figures below are without what failed: what they say of the worst case is said of the other attacks.</p>
    </div>
  );
}

/** The way on for a run that did not come to its end: a button, and the command that does the same. */
function GoOn({ data: { run, job, goingOn } }: { readonly data: LiveRun }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const store = useStoreName();
  const mayWrite = useMayWrite();
  const resume = useMutation(trpc.runs.resume.mutationOptions());
  const asked = useJob(resume.data?.job ?? goingOn);
  const taken = asked?.runId !== undefined && asked.state === 'running';
  useEffect(() => {
    if (taken) void client.invalidateQueries({ queryKey: trpc.runs.get.queryKey({ id: run.id }) });
  }, [taken, client, trpc, run.id]);
  const waiting = asked !== undefined && asked.state !== 'failed' && asked.state !== 'done';
  // The worker takes up again what it was at when it died.
  const byItself = run.state === 'interrupted' && (job?.state === 'queued' || job?.state === 'running');
  return (
    <section aria-label="Go on" className="mt-3 grid grid-cols-[minmax(0,1fr)] gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-[13px] text-ink-2">
        {mayWrite && (
          <>
            <button
              type="button"
              className="button"
              data-primary
              disabled={resume.isPending || waiting}
              onClick={() => resume.mutate({ id: run.id })}
            >
              <Icon name="right" size={12} /> Go on with it
            </button>
            <span>or</span>
          </>
        )}
        <Copyable text={`npx rampart runs resume ${run.id} --store ${quoted(store)}`} />
        <span className="text-ink-3">
          {byItself ? 'npx rampart dashboard goes on with it by itself. ' : ''}
          {`${run.stepsDone} of ${count(run.stepsTotal, 'step')} ${run.stepsDone === 1 ? 'is' : 'are'} done already.`}
        </span>
      </div>
      {job?.error !== undefined && resume.data === undefined && run.state === 'interrupted' && (
        <p className="text-[13px] break-words text-ink-2">{job.error}</p>
      )}
      {resume.error && <Notice tone="bad">{resume.error.message}</Notice>}
      {asked && !taken && asked.state !== 'done' && <JobNotice job={asked} doing="Going on" />}
    </section>
  );
}

function Notice({ tone, children }: { readonly tone: 'plain' | 'warn' | 'bad'; readonly children: string }) {
  const looks = { plain: 'bg-sunken text-ink-2', warn: 'bg-warn-soft text-warn', bad: 'bg-bad-soft text-bad' }[tone];
  return (
    <p className={`mt-3 flex items-start gap-2 rounded-lg px-3 py-2 text-[13px] whitespace-pre-line ${looks}`}>
      <Icon name={tone === 'plain' ? 'info' : 'alert'} size={15} className="mt-0.5 shrink-0" />
      <span className="min-w-0 break-words">{children}</span>
    </p>
  );
}

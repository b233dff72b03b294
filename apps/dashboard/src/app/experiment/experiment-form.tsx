'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';

import { useTRPC } from '@/client/trpc';
import { ComponentList } from '@/components/component-list';
import { count } from '@/components/format';
import { Icon } from '@/components/icon';
import { JobNotice } from '@/components/model/job-notice';
import { useJob } from '@/components/model/use-inspection';
import { saveFile } from '@/components/save-file';
import { readSeeds } from '@/components/seeds';
import { useHydrated } from '@/components/use-hydrated';
import { ForWriters } from '@/components/visitor';

import { type ExperimentFields, type ListField, readFields, withField } from './experiment-text';
import { type Check, useCheck } from './use-check';

/** An experiment as a form and as the file that it is: either changes the other. */
export function ExperimentForm({ initial }: { readonly initial: string }) {
  const trpc = useTRPC();
  const router = useRouter();
  const [text, setText] = useState(initial);
  const check = useCheck(text);
  const start = useMutation(trpc.experiments.start.mutationOptions());
  const job = useJob(start.data?.job);
  const hydrated = useHydrated();
  const runId = job?.runId;
  useEffect(() => {
    if (runId) router.push(`/runs/${runId}`);
  }, [runId, router]);
  const working = job !== undefined && job.state !== 'failed';
  const fields = readFields(text);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-2">
      <section aria-labelledby="form-title" className="card p-4">
        <h2 id="form-title" className="mb-3 text-sm font-semibold">
          Form
        </h2>
        {fields ? (
          <Fields fields={fields} set={(field, value) => setText(withField(text, field, value))} />
        ) : (
          <p className="text-[13px] text-ink-2">The file is not readable as it stands; the form comes back with it.</p>
        )}
      </section>
      <section aria-labelledby="file-title" className="card p-4 lg:sticky lg:top-16">
        <div className="mb-3 flex items-center justify-between gap-3">
          <h2 id="file-title" className="text-sm font-semibold">
            File
          </h2>
          <button
            type="button"
            className="button"
            onClick={() => saveFile(text, 'experiment.yaml', 'application/yaml')}
          >
            <Icon name="download" size={13} /> YAML
          </button>
        </div>
        <textarea
          aria-label="The experiment as YAML"
          aria-describedby="check"
          className="field h-80 w-full resize-y py-2 font-mono text-xs leading-5"
          value={text}
          maxLength={20_000}
          spellCheck={false}
          readOnly={!hydrated}
          onChange={(event) => setText(event.target.value)}
        />
        <div id="check" aria-live="polite" className="mt-2 min-h-10 text-[13px]">
          <Checked check={check} />
        </div>
        {start.error && (
          <p role="alert" className="mt-2 rounded-lg bg-bad-soft px-3 py-2 text-[13px] text-bad">
            {start.error.message}
          </p>
        )}
        {job && <JobNotice job={job} doing="Starting" />}
        <ForWriters>
          <button
            type="button"
            className="button mt-3"
            data-primary
            disabled={start.isPending || working || 'problem' in check}
            onClick={() => start.mutate({ text })}
          >
            Start it
          </button>
        </ForWriters>
      </section>
    </div>
  );
}

function Fields(props: {
  readonly fields: ExperimentFields;
  readonly set: (field: keyof ExperimentFields, value: string | readonly (string | number)[]) => void;
}) {
  const { fields, set } = props;
  const trpc = useTRPC();
  const { data: catalog } = useQuery(trpc.swapIn.catalog.queryOptions());
  const { data: recent } = useQuery(trpc.runs.list.queryOptions({ perPage: 1 }));
  const datasets = [
    ...new Set([...(recent?.facets.datasets ?? []), ...(catalog?.datasets.map((one) => one.name) ?? [])]),
  ];
  const list = (field: ListField) => ({
    chosen: fields[field],
    onChange: (chosen: readonly string[]) => set(field, chosen),
  });
  const seeds = fields.seeds.join(', ');
  return (
    <div className="grid gap-4 text-[13px]">
      <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_110px]">
        <label className="grid gap-1 text-ink-2">
          Name
          <input
            className="field min-w-0"
            value={fields.name}
            maxLength={120}
            autoComplete="off"
            onChange={(event) => set('name', event.target.value)}
          />
        </label>
        <label className="grid gap-1 text-ink-2">
          Seeds
          <input
            key={seeds}
            className="field figures min-w-0"
            placeholder="1..3"
            defaultValue={seeds}
            autoComplete="off"
            onBlur={(event) => {
              const read = readSeeds(event.target.value);
              if (read) set('seeds', read);
              else event.target.value = seeds;
            }}
          />
        </label>
      </div>
      <label className="grid gap-1 text-ink-2">
        Dataset
        <input
          className="field min-w-0 font-mono text-xs"
          list="experiment-datasets"
          value={fields.dataset}
          maxLength={300}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => set('dataset', event.target.value)}
        />
        <datalist id="experiment-datasets">
          {datasets.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </label>
      <ComponentList label="Models" one="Model" known={catalog?.models ?? []} {...list('models')} />
      <ComponentList
        label="Threats: what the models are to withstand"
        one="Threat"
        known={THREATS.map((name) => ({ name, summary: '', parameters: [] }))}
        {...list('threats')}
      />
      <ComponentList label="Attacks" one="Attack" known={catalog?.attacks ?? []} {...list('attacks')} />
      <ComponentList label="Defenses" one="Defense" known={catalog?.defenses ?? []} {...list('defenses')} />
    </div>
  );
}

const THREATS = ['linf(8/255)', 'linf(0.1)', 'l2(0.5)', 'l2(1)', 'l1(12)', 'l0(20)'];

function Checked({ check }: { readonly check: Check }) {
  if ('waiting' in check) return <span className="text-ink-3">Looking at it…</span>;
  if ('unchecked' in check) return <span className="text-ink-2">{check.unchecked}</span>;
  if ('problem' in check) {
    return (
      <span className="flex items-start gap-2 break-words text-bad">
        <Icon name="alert" size={14} className="mt-0.5 shrink-0" />
        <span className="min-w-0">{check.problem}</span>
      </span>
    );
  }
  const { models, defenses, attacks, threats, seeds } = check;
  const parts = [
    count(models.length, 'model'),
    count(defenses.length, 'defense'),
    count(attacks.length, 'attack'),
    ...(threats.length > 0 ? [count(threats.length, 'threat')] : []),
    count(seeds.length, 'seed'),
  ];
  return (
    <span className="flex items-start gap-2 text-good">
      <Icon name="check" size={14} className="mt-0.5 shrink-0" />
      <span className="min-w-0 text-ink-2">
        Can be run: {parts.join(', ')} on {check.dataset}.
      </span>
    </span>
  );
}

'use client';

import { count, duration } from '@/components/format';
import { Icon } from '@/components/icon';
import { saveFile } from '@/components/save-file';

import { useRun } from '../use-run';
import { Events } from './events';

/** What has happened, the plan, and the experiment as it was written. */
export function RunLog({ id }: { readonly id: string }) {
  const { data } = useRun(id);
  if (!data) return null;
  const failed = new Map(data.failures.flatMap(({ reason, steps }) => steps.map((step) => [step, reason] as const)));
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <Events id={id} />
      <div className="grid min-w-0 gap-5">
        <section aria-labelledby="plan-title" className="card min-w-0">
          <h2 id="plan-title" className="border-b border-line px-4 py-2.5 text-sm font-semibold">
            Plan <span className="font-normal text-ink-3">{count(data.steps.length, 'step')}</span>
          </h2>
          <ol
            className="figures max-h-[320px] divide-y divide-line overflow-auto text-[13px]"
            tabIndex={0}
            aria-label="Steps of the plan"
          >
            {data.steps.map((step) => (
              <li key={step.key} className="flex items-center gap-2.5 px-4 py-1.5">
                {failed.has(step.label) ? (
                  <span role="img" aria-label="failed" className="text-bad" title={failed.get(step.label)}>
                    <Icon name="close" size={14} />
                  </span>
                ) : step.finishedAt === undefined ? (
                  <span role="img" aria-label="open" className="grid size-4 place-items-center">
                    <span className="size-1.5 rounded-full bg-line-strong" />
                  </span>
                ) : (
                  <span role="img" aria-label="finished" className="text-good">
                    <Icon name="check" size={14} />
                  </span>
                )}
                <span className="min-w-0 flex-1 break-words">{step.label}</span>
                <span className="shrink-0 text-ink-3">{step.seconds === undefined ? '' : duration(step.seconds)}</span>
              </li>
            ))}
          </ol>
        </section>
        <section aria-labelledby="experiment-title" className="card min-w-0">
          <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-1.5">
            <h2 id="experiment-title" className="text-sm font-semibold">
              Experiment
            </h2>
            <button
              type="button"
              className="button"
              onClick={() => saveFile(data.run.experiment, 'experiment.yaml', 'application/yaml')}
            >
              <Icon name="download" size={13} /> YAML
            </button>
          </div>
          <pre
            className="max-h-[320px] overflow-auto p-4 font-mono text-xs break-words whitespace-pre-wrap"
            tabIndex={0}
            aria-label="The experiment file"
          >
            {data.run.experiment}
          </pre>
        </section>
      </div>
    </div>
  );
}

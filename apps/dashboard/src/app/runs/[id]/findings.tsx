'use client';

import type { DoubtfulFigure, SharedFinding } from '@rampart/api';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { useTRPC } from '@/client/trpc';
import { Icon, type IconName } from '@/components/icon';
import { Label } from '@/components/label';

/** What makes the figures of a run doubtful, the gravest first, with what was tried against it. */
export function Findings({ id }: { readonly id: string }) {
  const trpc = useTRPC();
  const { data: findings = [] } = useQuery(trpc.runs.findings.queryOptions({ id }));
  if (findings.length === 0) return null;
  const serious = findings.filter(isSerious);
  const open = findings.filter((one) => !one.resolved && !isSerious(one));
  const resolved = findings.filter((one) => one.resolved);
  const shown = serious.length > 0 ? serious : open;
  return (
    <section aria-labelledby="findings-title" id="findings" className="card min-w-0 overflow-hidden">
      <header className="border-b border-line px-4 py-2.5">
        <h2 id="findings-title" className="text-sm font-semibold">
          What makes figures doubtful
        </h2>
        <p className="mt-0.5 max-w-4xl text-xs text-ink-3">
          What a remedy breaks counts in the worst case. A figure with an open finding of severity high is not
          established.
        </p>
      </header>
      <List findings={shown} />
      {serious.length > 0 && open.length > 0 && (
        <More findings={open}>
          {open.length} more that {open.length === 1 ? 'leaves' : 'leave'} the figures standing
        </More>
      )}
      {resolved.length > 0 && (
        <More findings={resolved}>
          {resolved.length} resolved: what was tried against {resolved.length === 1 ? 'it' : 'them'} is in the figures
        </More>
      )}
    </section>
  );
}

function More({ findings, children }: { readonly findings: readonly SharedFinding[]; readonly children: ReactNode }) {
  return (
    <details className="border-t border-line">
      <summary className="cursor-pointer px-4 py-2 text-[13px] text-ink-2">{children}</summary>
      <List findings={findings} />
    </details>
  );
}

/** Whether it leaves a figure standing on nothing. */
function isSerious({ severity, resolved }: SharedFinding): boolean {
  return severity === 'high' && !resolved;
}

function List({ findings }: { readonly findings: readonly SharedFinding[] }) {
  const modes = new Set(findings.map(({ mode }) => mode));
  return (
    <ul className="divide-y divide-line">
      {findings.map((finding) => (
        <Item
          key={JSON.stringify([
            finding.model,
            finding.mode,
            finding.audit,
            finding.threat,
            finding.attack,
            finding.seeds,
          ])}
          finding={finding}
          showMode={modes.size > 1 || finding.mode === 'static'}
        />
      ))}
    </ul>
  );
}

/** The serious findings about one figure, where its details begin. */
export function FindingsAbout({ id, about }: { readonly id: string; readonly about: DoubtfulFigure }) {
  const trpc = useTRPC();
  const { data: findings = [] } = useQuery(trpc.runs.findings.queryOptions({ id }));
  const { model, mode, attack, audits } = about;
  const own = findings.filter(
    (one) =>
      one.model === model &&
      one.mode === mode &&
      one.severity === 'high' &&
      audits.includes(one.audit) &&
      (one.attack === undefined || one.attack === attack || attack === 'worst-case'),
  );
  return (
    <ul aria-label="What makes this figure doubtful" className="divide-y divide-line border-b border-line">
      {own.map((finding) => (
        <Item key={JSON.stringify(finding)} finding={finding} showMode={false} />
      ))}
    </ul>
  );
}

function Item({ finding, showMode }: { readonly finding: SharedFinding; readonly showMode: boolean }) {
  const { audit, model, mode, threat, attack, summary, tried } = finding;
  const { text, look, icon } = lookOf(finding);
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 px-4 py-2.5 text-[13px]">
      <span className={`inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium ${look}`}>
        <Icon name={icon} size={11} />
        {text}
      </span>
      <div className="min-w-52 flex-1">
        <p>
          <span className="font-medium">{audit.replaceAll('-', ' ')}</span>{' '}
          <span className="text-ink-3">
            <Label text={[model, threat, attack].filter((one) => one !== undefined).join(', ')} />
            {showMode && (mode === 'adaptive' ? ', adaptive' : ', transferred examples')}
          </span>
        </p>
        <p className="mt-0.5 max-w-4xl break-words text-ink-2">{summary}</p>
        {tried.length > 0 && <p className="figures mt-0.5 text-xs text-ink-3">Tried: {tried.join('; ')}.</p>}
      </div>
    </li>
  );
}

function lookOf({ severity, resolved }: SharedFinding): { text: string; look: string; icon: IconName } {
  if (resolved) return { text: 'Resolved', look: 'bg-good-soft text-good', icon: 'check' };
  if (severity === 'high') return { text: 'Open, high', look: 'bg-bad-soft text-bad', icon: 'close' };
  if (severity === 'medium') return { text: 'Open, medium', look: 'bg-warn-soft text-warn', icon: 'info' };
  return { text: 'Open, low', look: 'bg-sunken text-ink-2', icon: 'info' };
}

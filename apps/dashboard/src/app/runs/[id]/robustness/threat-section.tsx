'use client';

import type { ThreatModel } from '@rampart/api';

import { Icon } from '@/components/icon';
import { Label } from '@/components/label';
import { useSearchState } from '@/components/search-state';

import { AttackTable } from './attack-table';
import { MODES } from './modes';
import type { ThreatTables } from './robustness-view';
import { StandingsTable } from './standings-table';

/** A model under examples that were made in one way. */
export interface Standing extends ThreatModel {
  readonly mode: 'adaptive' | 'static';
}

/** One threat: models against attacks, then a model's attacks one by one. */
export function ThreatSection({ id, tables }: { readonly id: string; readonly tables: ThreatTables }) {
  const { params } = useSearchState();
  const { threat, norm, epsilon } = tables[0];
  const standings = tables.flatMap(({ mode, models }) => models.map((one): Standing => ({ ...one, mode })));
  const wanted = { model: params.get('model'), mode: params.get('mode') === 'static' ? 'static' : 'adaptive' };
  const shown =
    standings.find((one) => one.model === wanted.model && one.mode === wanted.mode) ?? mostRobust(standings);
  const heading = `threat-${threat}`;
  return (
    <section aria-labelledby={heading} className="card min-w-0 overflow-hidden">
      <header className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-b border-line px-4 py-2.5">
        <h2 id={heading} className="text-sm font-semibold">
          {threat}
        </h2>
        <p className="text-xs text-ink-3">{whatItMeans(norm, epsilonText(threat, epsilon))}</p>
      </header>
      {standings.length > 1 && <StandingsTable threat={threat} norm={norm} standings={standings} shown={shown} />}
      <div className={standings.length > 1 ? 'border-t border-line' : ''}>
        <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 pt-2.5">
          <h3 className="text-[13px] font-semibold">
            <Label text={shown.model} />, {MODES[shown.mode].name.toLowerCase()}
          </h3>
          <p className="text-xs text-ink-3">{MODES[shown.mode].text}</p>
        </div>
        <AttackTable id={id} threat={threat} norm={norm} standing={shown} />
        <Notes standings={standings} />
      </div>
    </section>
  );
}

/** What records say that a reader must know, and whom it is about where it is not all. */
function Notes({ standings }: { readonly standings: readonly Standing[] }) {
  const notes = [...new Set(standings.flatMap(({ notes }) => notes))];
  if (notes.length === 0) return null;
  return (
    <ul aria-label="Notes" className="grid gap-1 border-t border-line px-4 py-2.5 text-[13px] text-ink-2">
      {notes.map((note) => {
        const about = standings.filter(({ notes }) => notes.includes(note));
        const models = [...new Set(about.map(({ model }) => model))].join(', ');
        return (
          <li key={note} className="flex items-start gap-2">
            <Icon name="info" size={14} className="mt-0.5 shrink-0 text-ink-3" />
            <span className="min-w-0 break-words">
              {about.length < standings.length && <span className="font-medium">{models}: </span>}
              {note}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function mostRobust(standings: readonly Standing[]): Standing {
  const adaptive = standings.filter(({ mode }) => mode === 'adaptive');
  return (adaptive.length > 0 ? adaptive : standings).reduce((a, b) =>
    b.robustAccuracy.value > a.robustAccuracy.value ? b : a,
  );
}

/** Epsilon as the threat has it: `8/255` of `linf(8/255)`. */
function epsilonText(threat: string, epsilon: number): string {
  return /\((.*)\)$/.exec(threat)?.[1] ?? String(epsilon);
}

function whatItMeans(norm: string, epsilon: string): string {
  switch (norm) {
    case 'linf':
      return `No feature changes by more than ${epsilon}.`;
    case 'l2':
      return `The Euclidean length of the change is at most ${epsilon}.`;
    case 'l1':
      return `The changes of all features add up to at most ${epsilon}.`;
    default:
      return `At most ${epsilon} ${epsilon === '1' ? 'feature changes' : 'features change'}.`;
  }
}

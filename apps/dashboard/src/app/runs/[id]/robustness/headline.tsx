import type { ThreatModel, ThreatTable } from '@rampart/api';

import { between, percent } from '@/components/format';
import { Label } from '@/components/label';

import { AccuracyBar } from './accuracy-bar';

/** What the table of a threat comes to: the first thing that somebody wants to know of it. */
export function Headline({ table }: { readonly table: ThreatTable }) {
  const { threat, mode, models } = table;
  const [best, ...others] = models
    .filter(({ attacks, attackable }) => attacks.length > 0 && attackable[1] > 0)
    .toSorted((a, b) => b.robustAccuracy.value - a.robustAccuracy.value);
  const least = others.at(-1);
  return (
    <section aria-label={`Under ${threat}`} className="card grid content-start gap-2 px-4 py-3">
      <p className="flex flex-wrap items-baseline gap-x-3 text-xs text-ink-3">
        {best && (
          <strong className="figures text-2xl font-semibold tracking-tight text-ink">
            {percent(best.robustAccuracy.value)}
          </strong>
        )}
        <span>
          robust accuracy under <span className="text-ink-2">{threat}</span>
          {least && `, of the most robust of ${others.length + 1} models`}
        </span>
      </p>
      {best && <AccuracyBar of={best} />}
      <p className="text-[13px] text-ink-2">
        {best ? (
          <>
            <Name of={best} /> withstands {threat} on <Share of={best} /> of the test set;{' '}
            {percent(best.cleanAccuracy.value)} without attack.
            {least && <LeastRobust of={least} beside={best} />}
            {mode === 'static' && ' Transferred examples only: no proof of robustness.'}
          </>
        ) : (
          nothingToSay(table)
        )}
      </p>
    </section>
  );
}

function LeastRobust({ of, beside }: { readonly of: ThreatModel; readonly beside: ThreatModel }) {
  const apart = lowOf(beside) > highOf(of);
  return (
    <>
      {apart ? ' The least robust is ' : ' No model stands out: '}
      <Name of={of} />
      {apart ? ', with ' : ', the least robust, has '}
      <Share of={of} />
      {apart ? '.' : ', and the intervals overlap.'}
    </>
  );
}

function Name({ of }: { readonly of: ThreatModel }) {
  return (
    <strong className="font-semibold text-ink">
      <Label text={of.model} />
    </strong>
  );
}

function Share({ of }: { readonly of: ThreatModel }) {
  return (
    <span className="figures">
      <strong className="text-ink">{percent(of.robustAccuracy.value)}</strong> ({between(lowOf(of), highOf(of))})
    </span>
  );
}

function nothingToSay({ threat, models }: ThreatTable): string {
  if (models.every(({ attacks }) => attacks.length === 0)) return `No attack of this run answers ${threat}.`;
  return models.length === 1
    ? `${models[0]!.model} gets none of the attacked instances right: there is nothing to attack.`
    : 'No model gets any of the attacked instances right: there is nothing to attack.';
}

function lowOf({ robustAccuracy: { low, value } }: ThreatModel): number {
  return low ?? value;
}

function highOf({ robustAccuracy: { high, value } }: ThreatModel): number {
  return high ?? value;
}

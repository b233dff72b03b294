import type { ModelStanding, StandingTable } from '@rampart/api';
import type { ReactNode } from 'react';

import { between, percent } from '@/components/format';
import { Icon } from '@/components/icon';
import { Label } from '@/components/label';

/** What a run comes to: how its models stand up to attacks, over the instances that could be attacked. */
export function Standing({ table, children }: { readonly table: StandingTable; readonly children?: ReactNode }) {
  const { headline, models, notes, threat, mode } = table;
  return (
    <section
      aria-label={threat === undefined ? 'Standing of the models' : `Under ${threat}`}
      className="card min-w-0 overflow-hidden"
    >
      <div className="px-4 pt-3 pb-2">
        <p className="text-xs text-ink-3">
          {threat === undefined ? 'Worst case over the attacks' : `Worst case under ${threat}`},{' '}
          {mode === 'adaptive' ? 'adaptive' : 'transferred examples'}
        </p>
        <h2 className="mt-0.5 text-[17px] font-semibold tracking-tight break-words">{headline.title}</h2>
        <p className="mt-0.5 max-w-4xl text-[13px] break-words text-ink-2">{headline.text}</p>
      </div>
      {models.length > 0 && (
        <div
          role="region"
          aria-label={threat === undefined ? 'Models, worst case' : `Models under ${threat}`}
          tabIndex={0}
          className="overflow-x-auto"
        >
          <table className="figures w-full text-[13px]">
            <caption className="sr-only">
              Robust accuracy and attack success of each model, of the instances that could be attacked
            </caption>
            <thead className="text-xs text-ink-3">
              <tr className="border-b border-line text-right">
                <Head left>Model</Head>
                <Head title="Of the instances that could be attacked, the share that stays right under every attack">
                  Robust accuracy
                </Head>
                <Head title="Of the instances that could be attacked, the share that evades under at least one attack">
                  Attack success
                </Head>
                <Head title="Right without an attack, of the attacked instances">No attack</Head>
                <Head title="Right without an attack, so that they could be attacked">Attackable</Head>
                <Head title="Among the defenses: those that noise does not tell apart share a rank">Rank</Head>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {models.map((one) => (
                <Row key={one.model} of={one} models={models} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Differences table={table} />
      {notes.length > 0 && (
        <ul aria-label="Notes on the standing" className="grid gap-1 border-t border-line px-4 py-2.5 text-[13px]">
          {notes.map((note) => (
            <li key={note} className="flex items-start gap-2 text-ink-2">
              <Icon name="info" size={14} className="mt-0.5 shrink-0 text-ink-3" />
              <span className="min-w-0 break-words">{note}</span>
            </li>
          ))}
        </ul>
      )}
      {children}
    </section>
  );
}

function Head({
  children,
  title,
  left,
}: {
  readonly children: ReactNode;
  readonly title?: string;
  readonly left?: boolean;
}) {
  return (
    <th scope="col" title={title} className={`px-4 py-1.5 font-medium ${left ? 'text-left' : 'whitespace-nowrap'}`}>
      {children}
    </th>
  );
}

function Row({ of, models }: { readonly of: ModelStanding; readonly models: readonly ModelStanding[] }) {
  const { model, undefended, robustAccuracy, success, cleanAccuracy, attacked, attackable, unmoved } = of;
  const [fewest, most] = attackable;
  return (
    <tr className="text-right align-baseline">
      <th scope="row" className="min-w-36 px-4 py-2 text-left font-medium break-words">
        <Label text={model} />
      </th>
      <td className="px-4 py-2">
        <span className="text-[15px] font-semibold">{percent(robustAccuracy.value)}</span>
        <Below>
          {between(robustAccuracy.low, robustAccuracy.high)}
          {robustAccuracy.deviation !== undefined && `, ±${percent(robustAccuracy.deviation)}`}
        </Below>
      </td>
      <td className="px-4 py-2">
        <span className="text-[15px] font-semibold">{percent(success.value)}</span>
        <Below>{between(success.low, success.high)}</Below>
      </td>
      <td className="px-4 py-2">{percent(cleanAccuracy.value)}</td>
      <td className="px-4 py-2 whitespace-nowrap">
        {fewest === most ? most : `${fewest}–${most}`} of {attacked}
        {unmoved > 0 && <Below>{unmoved} not moved</Below>}
      </td>
      <td className="px-4 py-2 whitespace-nowrap">
        {undefended ? (
          <span className="text-ink-3">baseline</span>
        ) : !of.established ? (
          <span className="text-warn">not established</span>
        ) : of.rank === undefined ? (
          <span className="text-ink-3">–</span>
        ) : (
          <>
            {of.rank}
            {models.filter((one) => one.rank === of.rank).length > 1 && <Below>tied</Below>}
          </>
        )}
      </td>
    </tr>
  );
}

function Below({ children }: { readonly children: ReactNode }) {
  return <span className="block text-[11px] whitespace-nowrap text-ink-3">{children}</span>;
}

/** Of every two models, whether they differ by more than noise; nothing where every model falls. */
function Differences({ table: { headline, differences } }: { readonly table: StandingTable }) {
  if (headline.kind === 'falls' || differences.length === 0) return null;
  return (
    <details className="border-t border-line px-4 py-2 text-[13px]">
      <summary className="cursor-pointer text-ink-2">Which differences are more than noise</summary>
      <ul className="figures mt-1.5 grid gap-1 text-xs text-ink-2">
        {differences.map(({ models: [first, second], difference, apart, test, p, low, high }) => (
          <li key={`${first} ${second}`}>
            <span className="font-medium text-ink">{first}</span> and{' '}
            <span className="font-medium text-ink">{second}</span>: {difference < 0 ? '−' : '+'}
            {(Math.abs(difference) * 100).toFixed(1)} points,{' '}
            <strong className={apart ? 'text-ink' : 'font-medium text-ink-3'}>
              {apart ? 'more than noise' : 'within noise'}
            </strong>{' '}
            {test === 'mcnemar'
              ? `(McNemar’s exact test on the same instances, p = ${p! < 0.001 ? p!.toExponential(1) : p!.toPrecision(2)})`
              : test === 'paired-seeds'
                ? `(paired interval over the seeds, ${(low! * 100).toFixed(1)} to ${(high! * 100).toFixed(1)})`
                : '(not paired; by whether their intervals overlap)'}
          </li>
        ))}
      </ul>
    </details>
  );
}

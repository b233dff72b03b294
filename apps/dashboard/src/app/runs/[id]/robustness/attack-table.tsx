import type { SeedFigure, ThreatAttack } from '@rampart/api';
import { short } from '@rampart/charts';
import Link from 'next/link';
import type { ReactNode } from 'react';

import { figure, percent, shortTime } from '@/components/format';
import { Label } from '@/components/label';

import type { Standing } from './threat-section';
import { withinThreat } from './within-threat';

/** What each attack of a threat did to one model, and what they did together. */
export function AttackTable(props: {
  readonly id: string;
  readonly threat: string;
  readonly norm: string;
  readonly standing: Standing;
}) {
  const { id, threat, norm, standing } = props;
  const { model, mode, instances, attackable, attacks } = standing;
  const several = standing.robustAccuracy.seeds > 1;
  return (
    <>
      <div className="overflow-x-auto">
        <table className="figures w-full text-[13px]">
          <caption className="sr-only">
            What each attack of {threat} did to {model}, {mode === 'adaptive' ? 'adaptive' : 'transfer'}
          </caption>
          <thead>
            <tr className="text-xs text-ink-3">
              <th
                scope="col"
                className="sticky left-0 z-10 bg-surface py-2 pr-3 pl-4 text-left align-bottom font-medium"
              >
                Attack
              </th>
              <Head title="Of the test set: right, and right still under this attack alone">Robust accuracy</Head>
              <Head title="Of the test set: right, and right still under this attack and all before it">
                With those before
              </Head>
              <Head title="Of the instances that are attacked and right without attack: those that evade within the threat">
                Success rate
              </Head>
              <Head title="Of the instances that are attacked and right without attack; of attacks that look for the nearest example">
                Median distance
              </Head>
              <Head title="Gradients of the model, for each attacked instance">
                Gradients
                <PerInstance />
              </Head>
              <Head title="Evaluations of the model without a gradient, for each attacked instance">
                Forwards
                <PerInstance />
              </Head>
              <Head title="For each attacked instance, on one thread">
                Time
                <PerInstance />
              </Head>
            </tr>
          </thead>
          <tbody>
            <tr className="border-t border-line">
              <RowHead>No attack</RowHead>
              <Value of={standing.cleanAccuracy} write={percent} />
              <td colSpan={6} />
            </tr>
            {attacks.map((attack) => (
              <AttackRow key={attack.attack} id={id} norm={norm} standing={standing} attack={attack} />
            ))}
            {attacks.length > 0 && (
              <tr className="border-t border-line-strong font-semibold">
                <RowHead>
                  Worst case
                  <span className="block text-xs font-normal text-ink-3">instance by instance</span>
                </RowHead>
                {!standing.established && (
                  <span className="block text-xs font-semibold text-bad">not established, at most</span>
                )}
                <Value of={standing.robustAccuracy} write={percent} interval />
                <td />
                <Value of={attackable[1] === 0 ? undefined : standing.success} write={percent} />
                <td colSpan={4} />
              </tr>
            )}
          </tbody>
        </table>
      </div>
      <p className="px-4 pt-1 pb-3 text-xs text-ink-3">
        {attacks.length === 0 && `No attack of this run answers ${threat}. `}
        {attackableText(attackable)} of {instances.toLocaleString('en')} test instances can be attacked: they are of an
        attacked class, and right without attack.
        {attacks.some(({ component }) => component !== undefined) &&
          ' A component has the robust accuracy that it and those before it in its ensemble leave; its evaluations are those of the instances that came to it.'}
        {several && ` Means over ${standing.robustAccuracy.seeds} seeds, ± their standard deviation.`}
      </p>
    </>
  );
}

function AttackRow(props: {
  readonly id: string;
  readonly norm: string;
  readonly standing: Standing;
  readonly attack: ThreatAttack;
}) {
  const { id, norm, standing, attack } = props;
  const { model, mode, attackable } = standing;
  const part = attack.component !== undefined;
  const nothing = attackable[1] === 0;
  const cell = new URLSearchParams({ model, attack: attack.attack, ...(mode === 'static' && { mode }) });
  return (
    <tr className={`border-t border-line ${part ? 'text-ink-2' : ''}`}>
      <RowHead part={part}>
        {part ? (
          attack.component
        ) : attack.seconds === undefined ? (
          // A remedy: it has no page of its own.
          <Label text={withinThreat(attack.attack, norm)} />
        ) : (
          <Link
            href={`/runs/${id}/matrix?${cell}`}
            title={`${attack.attack}: its parameters, cost, convergence and images`}
            className="underline decoration-line-strong underline-offset-2 hover:text-accent"
          >
            <Label text={withinThreat(attack.attack, norm)} />
          </Link>
        )}
      </RowHead>
      <Value of={attack.robustAccuracy} write={percent} />
      {part ? <td /> : <Value of={attack.cumulative} write={percent} />}
      <Value of={nothing ? undefined : attack.success} write={percent} />
      <Value of={attack.distance} write={short} />
      <Value of={attack.gradients} write={evaluations} />
      <Value of={attack.forwards} write={evaluations} />
      <Value of={attack.seconds} write={shortTime} />
    </tr>
  );
}

function Head({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <th scope="col" title={title} className="px-3 py-2 text-right align-bottom font-medium last:pr-4">
      {children}
    </th>
  );
}

function PerInstance() {
  return <span className="block font-normal">an instance</span>;
}

function RowHead({ part = false, children }: { readonly part?: boolean; readonly children: ReactNode }) {
  return (
    <th
      scope="row"
      className={`sticky left-0 z-10 max-w-[170px] min-w-[120px] bg-surface py-1.5 pr-3 text-left break-words sm:max-w-none ${part ? 'pl-8 font-normal' : 'pl-4 font-medium'}`}
    >
      {children}
    </th>
  );
}

function Value(props: {
  readonly of: SeedFigure | undefined;
  readonly write: (value: number) => string;
  /** Whether its interval stands below. */
  readonly interval?: boolean;
}) {
  const { of, write, interval = false } = props;
  if (!of) return <Blank />;
  return (
    <td className="px-3 py-1.5 text-right align-top whitespace-nowrap last:pr-4">
      {write(of.value)}
      {interval && of.low !== undefined && of.high !== undefined && (
        <span className="block text-[11px] font-normal text-ink-3">
          <span className="sr-only">95% interval </span>
          {write(of.low).replace('%', '')} – {write(of.high)}
        </span>
      )}
      {of.deviation !== undefined && (
        <span className="block text-[11px] font-normal text-ink-3">
          ±{write(of.deviation)}
          <span className="sr-only"> over the seeds</span>
        </span>
      )}
    </td>
  );
}

function Blank() {
  return (
    <td className="px-3 py-1.5 text-right align-top text-ink-3 last:pr-4">
      <span aria-label="no figure">–</span>
    </td>
  );
}

function evaluations(value: number): string {
  return figure(value, 'evaluations');
}

function attackableText([fewest, most]: Standing['attackable']): string {
  const text = most.toLocaleString('en');
  return fewest === most ? text : `${fewest.toLocaleString('en')} to ${text}`;
}

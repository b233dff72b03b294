'use client';

import type { SeedFigure } from '@rampart/api';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Fragment } from 'react';

import { percent } from '@/components/format';
import { Label } from '@/components/label';
import { useSearchState } from '@/components/search-state';

import { MODES } from './modes';
import type { Standing } from './threat-section';
import { withinThreat } from './within-threat';
import { withParams } from '@/components/with-params';

/** Models against the attacks of one threat: what stays right of the test set. The weaker, the darker. */
export function StandingsTable(props: {
  readonly threat: string;
  readonly norm: string;
  readonly standings: readonly Standing[];
  /** The one whose attacks are shown below. */
  readonly shown: Standing;
}) {
  const { threat, norm, standings, shown } = props;
  const attacks = [
    ...new Set(
      standings
        .flatMap((one) => one.attacks.filter(({ component }) => component === undefined))
        .map((one) => one.attack),
    ),
  ];
  const modes = (['adaptive', 'static'] as const).filter((mode) => standings.some((one) => one.mode === mode));
  const certified = standings.some((one) => one.certified !== undefined);
  const severalSeeds = standings.some(({ robustAccuracy }) => robustAccuracy.seeds > 1);
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 pt-2.5 text-xs text-ink-3">
        <span>
          Of the whole test set: robust accuracy, with its 95% interval in the worst case
          {severalSeeds && ', ± the standard deviation over the seeds'}. Choose a model to see its attacks one by one.
        </span>
        <span className="figures flex items-center gap-1.5" aria-hidden="true">
          100% <span className="heat-scale h-2.5 w-20 rounded-sm" /> 0%
        </span>
      </p>
      <div className="overflow-x-auto">
        <table className="w-full border-separate border-spacing-0.5 px-1.5 pb-1.5 text-[13px]">
          <caption className="sr-only">Robust accuracy of each model under each attack of {threat}</caption>
          <thead>
            <tr className="text-xs text-ink-3">
              <th scope="col" className="sticky left-0 z-10 bg-surface px-2.5 py-2 text-left font-medium">
                Model
              </th>
              <ColumnHead attack="No attack" />
              {attacks.map((attack) => (
                <ColumnHead key={attack} attack={withinThreat(attack, norm)} title={attack} />
              ))}
              <ColumnHead
                attack="Worst case"
                title="An instance counts as robust only where it stays right under every attack"
              />
              {certified && (
                <ColumnHead
                  attack="Certified"
                  title="Right whatever the attack: a bound from below, by randomised smoothing"
                />
              )}
            </tr>
          </thead>
          <tbody>
            {modes.map((mode) => (
              <Fragment key={mode}>
                {(modes.length > 1 || mode === 'static') && (
                  <tr>
                    <th
                      scope="rowgroup"
                      colSpan={attacks.length + 3 + Number(certified)}
                      className="px-2.5 pt-2 pb-1 text-left font-normal"
                    >
                      <span className="sticky left-2.5 inline-block max-w-[calc(100vw-4rem)] text-xs text-ink-3">
                        <span className="font-semibold text-ink-2">{MODES[mode].name}.</span> {MODES[mode].text}
                      </span>
                    </th>
                  </tr>
                )}
                {standings
                  .filter((one) => one.mode === mode)
                  .map((one) => (
                    <Row key={one.model} standing={one} attacks={attacks} certified={certified} shown={one === shown} />
                  ))}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row(props: {
  readonly standing: Standing;
  readonly attacks: readonly string[];
  readonly certified: boolean;
  readonly shown: boolean;
}) {
  const { standing, attacks, certified, shown } = props;
  const { params } = useSearchState();
  const pathname = usePathname();
  const mode = standing.mode === 'static' ? 'static' : undefined;
  return (
    <tr>
      <th scope="row" className="sticky left-0 z-10 min-w-32 bg-surface px-2.5 py-2 text-left font-medium sm:min-w-40">
        <Link
          href={withParams(pathname, params, { model: standing.model, mode })}
          scroll={false}
          aria-current={shown || undefined}
          className="hover:text-accent hover:underline aria-[current]:text-accent"
        >
          <Label text={standing.model} />
        </Link>
      </th>
      <Cell value={standing.cleanAccuracy} />
      {attacks.map((attack) => (
        <Cell key={attack} value={standing.attacks.find((one) => one.attack === attack)?.robustAccuracy} />
      ))}
      <Cell
        value={standing.attacks.length > 0 ? standing.robustAccuracy : undefined}
        established={standing.established}
        strong
      />
      {certified && <Cell value={standing.certified} strong />}
    </tr>
  );
}

function ColumnHead({ attack, title }: { readonly attack: string; readonly title?: string }) {
  return (
    <th scope="col" className="px-2 py-2 text-right align-bottom font-medium whitespace-nowrap" title={title}>
      <Label text={attack} lines />
    </th>
  );
}

function Cell(props: {
  readonly value: SeedFigure | undefined;
  readonly strong?: boolean;
  readonly established?: boolean;
}) {
  const { value, strong = false, established = true } = props;
  if (!value) {
    return (
      <td className="h-px rounded-md bg-sunken/60 px-2 py-2 text-right text-ink-3">
        <span aria-label="not measured">–</span>
      </td>
    );
  }
  const weakness = 1 - value.value;
  return (
    <td className="h-px p-0">
      <span
        style={{ '--v': weakness.toFixed(3) } as React.CSSProperties}
        className="heat figures flex h-full min-w-[82px] flex-col justify-center rounded-md px-2 py-1.5 text-right"
      >
        {!established && (
          <span className="block text-[11px] font-bold whitespace-nowrap">not established, at most</span>
        )}
        <span className={`block text-sm ${strong ? 'font-bold' : 'font-medium'}`}>{percent(value.value)}</span>
        {strong && value.low !== undefined && value.high !== undefined && (
          <span className="block text-[11px] whitespace-nowrap">
            <span className="sr-only">95% interval </span>
            {percent(value.low).replace('%', '')} – {percent(value.high)}
          </span>
        )}
        {value.deviation !== undefined && (
          <span className="block text-[11px] whitespace-nowrap">
            ±{percent(value.deviation)}
            <span className="sr-only"> over the seeds</span>
          </span>
        )}
      </span>
    </td>
  );
}

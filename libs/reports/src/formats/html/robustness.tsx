import type { Peculiarities } from '../../report/peculiarities';
import { repeatedModels, type Report } from '../../report/read-report';
import { robustnessDiagrams } from '../../report/robustness-diagrams';
import { type SeedFigure, type ThreatModel, type ThreatTable, threatTables } from '../../report/threat-tables';

import { useContext } from 'react';

import { type Overview, overviews } from '../overview';
import { attackCells, instancesText, percentText } from '../robustness-cells';
import { ATTACK_COLUMNS, ROBUSTNESS_NOTE, TERMS, threatNotes, threatTitle } from '../robustness-wording';
import { LinksContext } from './links';
import { Optimality } from './optimality';
import { RobustnessCurves } from './robustness-curves';
import { Cells, Headline, Share } from './share';

/** Sections of a page on how models withstand threats, with what the page's contents call them. */
export function robustnessSections(report: Report) {
  const tables = threatTables(report.robustness, repeatedModels(report.standings), report.certificates);
  if (tables.length === 0) return [];
  const diagrams = robustnessDiagrams(report.robustnessCurves, tables, report.certificates);
  return [
    {
      id: 'robustness',
      name: 'robust accuracy',
      section: <Overviews key="robustness" tables={tables} peculiarities={report.peculiarities} />,
    },
    ...tables.map((table) => ({
      id: idOf(table),
      name: table.mode === 'static' ? `${table.threat}, static` : table.threat,
      section: <Threat key={idOf(table)} table={table} peculiarities={report.peculiarities} />,
    })),
    ...(diagrams.length === 0
      ? []
      : [
          {
            id: 'robustness-curves',
            name: 'against epsilon',
            section: <RobustnessCurves key="curves" diagrams={diagrams} peculiarities={report.peculiarities} />,
          },
        ]),
    ...(report.optimality.length === 0
      ? []
      : [
          { id: 'optimality', name: 'optimality', section: <Optimality key="optimality" tables={report.optimality} /> },
        ]),
  ];
}

/** `linf-8-255-adaptive`: what may stand in a link. */
function idOf({ threat, mode }: ThreatTable): string {
  return `${threat.replaceAll(/\W+/g, '-')}${mode}`;
}

function Overviews({
  tables,
  peculiarities,
}: {
  readonly tables: readonly ThreatTable[];
  readonly peculiarities: Peculiarities;
}) {
  return (
    <section id="robustness">
      <h2>Robust accuracy</h2>
      <p className="soft">{ROBUSTNESS_NOTE} Below each figure its 95% confidence interval.</p>
      {overviews(tables, peculiarities).map((overview) => (
        <OverviewTable key={overview.title} overview={overview} />
      ))}
      <details>
        <summary className="soft">What the columns say</summary>
        <dl>
          {TERMS.map(([term, meaning]) => (
            <div key={term} style={{ display: 'contents' }}>
              <dt>{term}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

function OverviewTable({ overview: { title, threats, rows } }: { readonly overview: Overview }) {
  return (
    <>
      <h3>{title}</h3>
      <div className="wide" role="region" aria-label={title} tabIndex={0}>
        <table className="robustness overview">
          <thead>
            <tr>
              <th scope="col">model</th>
              {threats.map((threat) => (
                <th scope="col" key={threat}>
                  {threat}
                </th>
              ))}
              <th scope="col">no attack</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ model, cleanAccuracy, worst }) => (
              <tr key={model}>
                <th scope="row">{model}</th>
                {worst.map((row, index) => (
                  <td key={threats[index]}>
                    {row && <Worst row={row} clean={cleanAccuracy} />}
                    {row?.certified && <small>certified {percentText(row.certified)}</small>}
                  </td>
                ))}
                <td>
                  <Share text={percentText(cleanAccuracy)} figure={cleanAccuracy} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Threat({ table, peculiarities }: { readonly table: ThreatTable; readonly peculiarities: Peculiarities }) {
  const title = threatTitle(table, peculiarities);
  return (
    <section id={idOf(table)}>
      <h2>{title}</h2>
      {threatNotes(table).map((note) => (
        <p key={note} className="note">
          {note}
        </p>
      ))}
      <div className="wide" role="region" aria-label={title} tabIndex={0}>
        <table className="robustness">
          <thead>
            <tr>
              <th scope="col">attack</th>
              {ATTACK_COLUMNS.map((column) => (
                <th scope="col" key={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          {table.models.map((row) => (
            <Withstanding key={row.model} row={row} />
          ))}
        </table>
      </div>
    </section>
  );
}

interface WorstProps {
  readonly row: Pick<ThreatModel, 'robustAccuracy' | 'established'>;
  readonly clean: SeedFigure;
}

/** The worst case over all attacks, or that an open finding leaves it standing on nothing. */
function Worst({ row: { robustAccuracy, established }, clean }: WorstProps) {
  const { findings } = useContext(LinksContext);
  if (established) return <Headline figure={robustAccuracy} clean={clean} />;
  return (
    <>
      <a href={findings} className="fails">
        <strong>not established</strong>
      </a>
      <small>at most {percentText(robustAccuracy)}</small>
    </>
  );
}

/** One model under each attack: the worst case first. */
function Withstanding({ row }: { readonly row: ThreatModel }) {
  const { model, cleanAccuracy, certified, success, attacks } = row;
  return (
    <tbody>
      <tr className="group">
        <th scope="rowgroup" colSpan={ATTACK_COLUMNS.length + 1}>
          <span>
            {model} <small className="soft">{instancesText(row)}</small>
          </span>
        </th>
      </tr>
      <tr className="worst">
        <th scope="row">worst case</th>
        <td>
          <Worst row={row} clean={cleanAccuracy} />
        </td>
        <td />
        <td>{percentText(success)}</td>
        <td colSpan={ATTACK_COLUMNS.length - 3} />
      </tr>
      {certified && (
        <tr>
          <th scope="row">certified</th>
          <td>
            <Headline figure={certified} clean={cleanAccuracy} />
          </td>
          <td colSpan={ATTACK_COLUMNS.length - 1} />
        </tr>
      )}
      <tr>
        <th scope="row">no attack</th>
        <td>
          <Share text={percentText(cleanAccuracy)} figure={cleanAccuracy} />
        </td>
        <td colSpan={ATTACK_COLUMNS.length - 1} />
      </tr>
      {attacks.map((attack) => {
        const [robust, ...rest] = attackCells(attack);
        return (
          <tr key={attack.attack} className={attack.component === undefined ? undefined : 'component'}>
            <th scope="row">{attack.component ?? attack.attack}</th>
            <td>
              <Share text={robust} figure={attack.robustAccuracy} clean={cleanAccuracy} />
            </td>
            <Cells cells={rest} />
          </tr>
        );
      })}
    </tbody>
  );
}

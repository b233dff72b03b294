import type { Measured } from '../../report/over-seeds';
import type { Peculiarities } from '../../report/peculiarities';
import type { Report } from '../../report/read-report';
import type { ModelStanding, StandingTable } from '../../report/standings';

import { formatFigure } from '../figure-text';
import { differenceLines, STANDING_COLUMNS, STANDING_NOTE, standingCells, standingTitle } from '../standing-wording';
import { Headline } from './share';

/** What a page begins with: how models stand up to attacks, over the instances that could be attacked. */
export function Standings({ standings, peculiarities }: Pick<Report, 'standings' | 'peculiarities'>) {
  if (standings.length === 0) return null;
  return (
    <section id="standings">
      {standings.map((table) => (
        <Standing key={standingTitle(table, peculiarities)} table={table} peculiarities={peculiarities} />
      ))}
      <p className="soft">{STANDING_NOTE}</p>
    </section>
  );
}

function Standing({ table, peculiarities }: { readonly table: StandingTable; readonly peculiarities: Peculiarities }) {
  const { headline, models, notes } = table;
  const title = standingTitle(table, peculiarities);
  const differences = differenceLines(table);
  return (
    <>
      <h2>{title}</h2>
      <p>
        <strong>{headline.title}.</strong> {headline.text}
      </p>
      <div className="wide" role="region" aria-label={title} tabIndex={0}>
        <table className="robustness">
          <thead>
            <tr>
              <th scope="col">model</th>
              {STANDING_COLUMNS.map((column) => (
                <th scope="col" key={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {models.map((standing) => (
              <Row key={standing.model} standing={standing} models={models} />
            ))}
          </tbody>
        </table>
      </div>
      {differences.length > 0 && (
        <details>
          <summary className="soft">Which differences are more than noise</summary>
          <ul>
            {differences.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
      {notes.map((note) => (
        <p key={note} className="note">
          {note}
        </p>
      ))}
    </>
  );
}

function Row({ standing, models }: { readonly standing: ModelStanding; readonly models: readonly ModelStanding[] }) {
  const [, , ...rest] = standingCells(standing, models);
  return (
    <tr>
      <th scope="row">{standing.model}</th>
      <td>
        <Headline figure={standing.robustAccuracy} />
      </td>
      <td>
        <Plain figure={standing.success} />
      </td>
      {rest.map((cell, index) => (
        <td key={STANDING_COLUMNS[index + 2]}>{cell}</td>
      ))}
    </tr>
  );
}

function Plain({ figure: { value, low, high } }: { readonly figure: Measured }) {
  return (
    <>
      {formatFigure(value, 'fraction')}
      <small>
        {(100 * low).toFixed(2)} to {(100 * high).toFixed(2)}
      </small>
    </>
  );
}

import type { OptimalityTable } from '../../report/optimality';
import type { SeedFigure } from '../../report/threat-tables';

import { optimalityCells } from '../robustness-cells';
import { OPTIMALITY_COLUMNS, OPTIMALITY_NOTE, optimalityTitle } from '../robustness-wording';
import { Cells, Main, Share } from './share';

/** What an optimality is a part of. */
const WHOLE: SeedFigure = { value: 1, low: undefined, high: undefined, deviation: undefined, seeds: 1 };

/** The attacks of each norm, the best first. */
export function Optimality({ tables }: { readonly tables: readonly OptimalityTable[] }) {
  const several = new Set(tables.map(({ model }) => model)).size > 1;
  return (
    <section id="optimality">
      <h2>Attacks by optimality</h2>
      <p className="soft">{OPTIMALITY_NOTE}</p>
      {tables.map((table) => {
        const title = optimalityTitle(table, several);
        return (
          <div key={title}>
            <h3>{title}</h3>
            <div className="wide" role="region" aria-label={title} tabIndex={0}>
              <table className="robustness ranked">
                <thead>
                  <tr>
                    <th scope="col">attack</th>
                    {OPTIMALITY_COLUMNS.map((column) => (
                      <th scope="col" key={column}>
                        {column}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {table.attacks.map((attack) => {
                    const [, ...rest] = optimalityCells(attack);
                    return (
                      <tr key={attack.attack}>
                        <th scope="row">{attack.attack}</th>
                        <td>
                          <Share text={<Main figure={attack.optimality} />} figure={attack.optimality} clean={WHOLE} />
                        </td>
                        <Cells cells={rest} />
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
          </div>
        );
      })}
    </section>
  );
}

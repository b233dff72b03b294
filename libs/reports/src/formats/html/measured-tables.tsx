import type { Report } from '../../report/read-report';

import { DIFFERENCE_NOTE } from '../figure-text';
import { ERROR_RATE_NOTE } from '../robustness-wording';
import { MeasuredTable } from './measured-table';

/** Models against attacks: a heat map for each metric and mode. */
export function MeasuredTables({ report: { run, tables, robustness } }: { readonly report: Report }) {
  return (
    <>
      {tables.length > 0 && robustness.length > 0 && (
        <>
          <h2>Error rates, distortion and cost</h2>
          <p className="soft">{ERROR_RATE_NOTE}</p>
        </>
      )}
      {tables.length > 0 && (
        <p className="soft">
          Each figure with {run.seeds.length > 1 && 'the standard deviation over the seeds (±) and '}its 95% confidence
          interval
          {run.published && `, then the publication's (pub.) with the difference: ${DIFFERENCE_NOTE}`}. The stronger the
          colour, the larger the figure.
        </p>
      )}
      {tables.map((table) => (
        <MeasuredTable key={table.id} table={table} />
      ))}
    </>
  );
}

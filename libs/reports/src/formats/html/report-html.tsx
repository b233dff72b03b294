import { type Report } from '../../report/read-report';
import { type SampleFigure } from '../../report/samples';
import { renderToStaticMarkup } from 'react-dom/server';

import { Claims } from './claims';
import { Curves } from './curves';
import { Experiment } from './experiment';
import { Facts } from './facts';
import { Findings } from './findings';
import { MeasuredTables } from './measured-tables';
import { robustnessSections } from './robustness';
import { Samples } from './samples';
import { Standings } from './standings';
import { STYLE } from './style';

/** A report as one page that needs no server, no script and no other file. */
export function reportHtml(report: Report, samples: readonly SampleFigure[]): string {
  return `<!doctype html>\n${renderToStaticMarkup(<Page report={report} samples={samples} />)}\n`;
}

interface PageProps {
  readonly report: Report;
  readonly samples: readonly SampleFigure[];
}

function Page({ report, samples }: PageProps) {
  const { run, standings, tables, claims, curves } = report;
  const robustness = robustnessSections(report);
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${run.name}: report`}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>
          <h1>{run.name}</h1>
          <nav>
            {standings.length > 0 && <a href="#standings">standing</a>}
            {report.findings.length > 0 && <a href="#findings">findings</a>}
            {robustness.map(({ id, name }) => (
              <a key={id} href={`#${id}`}>
                {name}
              </a>
            ))}
            {tables.map(({ id }) => (
              <a key={id} href={`#${id}`}>
                {id}
              </a>
            ))}
            {claims.length > 0 && <a href="#claims">claims</a>}
            {curves.length > 0 && <a href="#curves">curves</a>}
            {samples.length > 0 && <a href="#images">samples</a>}
            <a href="#experiment">experiment</a>
          </nav>
          <Facts run={run} />
          {run.notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
          {tables.length === 0 && robustness.length === 0 && <p>No figures yet.</p>}
          <Standings standings={standings} peculiarities={report.peculiarities} />
          <Findings report={report} />
          {robustness.map(({ section }) => section)}
          <MeasuredTables report={report} />
          {claims.length > 0 && <Claims claims={claims} />}
          {curves.length > 0 && <Curves curves={curves} published={run.published} />}
          <Samples figures={samples} peculiarities={report.peculiarities} />
          <Experiment report={report} />
        </main>
      </body>
    </html>
  );
}

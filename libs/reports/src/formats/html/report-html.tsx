import { PUBLICATION } from '../../published/tables';
import { type Report } from '../../report/read-report';
import { type SampleFigure } from '../../report/samples';
import { renderToStaticMarkup } from 'react-dom/server';

import { DIFFERENCE_NOTE } from '../figure-text';
import { ERROR_RATE_NOTE } from '../robustness-wording';
import { versionsText } from '../wording';
import { Claims } from './claims';
import { Curves } from './curves';
import { Devices } from './devices';
import { Findings } from './findings';
import { MeasuredTable } from './measured-table';
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
  const { run, standings, tables, claims, curves, madeWith, devices } = report;
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
          {tables.length > 0 && robustness.length > 0 && (
            <>
              <h2>Error rates, distortion and cost</h2>
              <p className="soft">{ERROR_RATE_NOTE}</p>
            </>
          )}
          {tables.length > 0 && (
            <p className="soft">
              Each figure with {run.seeds.length > 1 && 'the standard deviation over the seeds (±) and '}its 95%
              confidence interval
              {run.published && `, then the publication's (pub.) with the difference: ${DIFFERENCE_NOTE}`}. The stronger
              the colour, the larger the figure.
            </p>
          )}
          {tables.map((table) => (
            <MeasuredTable key={table.id} table={table} />
          ))}
          {claims.length > 0 && <Claims claims={claims} />}
          {curves.length > 0 && <Curves curves={curves} published={run.published} />}
          <Samples figures={samples} peculiarities={report.peculiarities} />
          <Devices devices={devices} />
          {madeWith.length > 0 && (
            <>
              <h2>Made with</h2>
              <ul>
                {madeWith.map((one) => (
                  <li key={one.kind}>{versionsText(one)}</li>
                ))}
              </ul>
            </>
          )}
          <section id="experiment">
            <h2>The experiment</h2>
            <p className="soft">
              Save it as experiment.yaml, and <code>{againCommand(run)}</code> makes the run again.
            </p>
            <pre className="wide">{run.experiment.trimEnd()}</pre>
          </section>
          {run.published && (
            <>
              <h2>The publication</h2>
              <p>{PUBLICATION}</p>
            </>
          )}
        </main>
      </body>
    </html>
  );
}

function Facts({ run }: { readonly run: Report['run'] }) {
  const facts = [
    ['dataset', run.dataset],
    [run.seeds.length === 1 ? 'seed' : 'seeds', run.seeds.join(', ')],
    ['engine', run.engine],
    ['run', `${run.id} (${run.state})`],
    ['started', new Date(run.startedAt).toISOString().slice(0, 16).replace('T', ' ')],
    ...(run.finishedAt === undefined ? [] : [['took', duration(run.finishedAt - run.startedAt)]]),
  ];
  return (
    <dl>
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Seeds may be others than the file's. */
function againCommand({ seeds, engine }: Report['run']): string {
  return `rampart run experiment.yaml --seeds ${seeds.join(',')} --engine ${engine}`;
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

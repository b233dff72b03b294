import { visible } from '@rampart/core';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

import type { Examples } from '../../report/examples';
import type { Report } from '../../report/read-report';
import { Claims } from '../html/claims';
import { Curves } from '../html/curves';
import { Experiment } from '../html/experiment';
import { Facts } from '../html/facts';
import { Findings } from '../html/findings';
import { LinksContext } from '../html/links';
import { MeasuredTables } from '../html/measured-tables';
import { robustnessSections } from '../html/robustness';
import { Samples } from '../html/samples';
import { Standings } from '../html/standings';
import { STYLE } from '../html/style';
import { examplePage } from './example-page';
import type { SiteFile } from './site-files';
import { SITE_STYLE } from './site-style';
import { withFiles } from './with-files';

interface Page {
  /** The file, without `.html`. */
  readonly name: string;
  readonly title: string;
  readonly content: ReactNode;
}

/** The pages of a run and all that they show, as files. */
export function sitePages(report: Report, examples: Examples): SiteFile[] {
  const pages = pagesOf(report, examples);
  const written = pages.map((page) => ({ path: `${page.name}.html`, content: document(report, pages, page) }));
  const detailed = examples.examples.map((example) => {
    const page = { name: exampleName(example.testIndex), title: `Test sample ${example.testIndex}` };
    const content = examplePage(example, examples);
    return { path: `${page.name}.html`, content: document(report, pages, { ...page, content }) };
  });
  return [{ path: 'style.css', content: `${STYLE}${SITE_STYLE}` }, ...withFiles([...written, ...detailed])];
}

function pagesOf(report: Report, examples: Examples): Page[] {
  const { run, standings, findings, tables, claims, curves, peculiarities } = report;
  const [overview, ...rest] = robustnessSections(report);
  const robustness = rest.filter(({ id }) => id !== 'robustness-curves');
  const robustnessCurves = rest.find(({ id }) => id === 'robustness-curves');
  const shown = examples.examples.length;
  const pages: (Page | false)[] = [
    {
      name: 'index',
      title: 'Overview',
      content: (
        <>
          <Facts run={run} />
          {run.notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
          {tables.length === 0 && !overview && <p>No figures yet.</p>}
          <Standings standings={standings} peculiarities={peculiarities} />
          {overview?.section}
          {findings.length > 0 && (
            <p className="note">
              Audits found something that makes figures of this run doubtful: see <a href="findings.html">findings</a>.
            </p>
          )}
        </>
      ),
    },
    robustness.length > 0 && {
      name: 'robustness',
      title: 'Robustness',
      content: robustness.map(({ section }) => section),
    },
    tables.length > 0 && { name: 'matrix', title: 'Matrix', content: <MeasuredTables report={report} /> },
    (curves.length > 0 || robustnessCurves !== undefined) && {
      name: 'curves',
      title: 'Curves',
      content: (
        <>
          {robustnessCurves?.section}
          {curves.length > 0 && <Curves curves={curves} published={run.published} />}
        </>
      ),
    },
    findings.length > 0 && { name: 'findings', title: 'Findings', content: <Findings report={report} /> },
    claims.length > 0 && { name: 'claims', title: 'Claims', content: <Claims claims={claims} /> },
    shown > 0 && {
      name: 'examples',
      title: 'Examples',
      content: (
        <>
          <p className="note">
            {shown < examples.attacked
              ? `The first ${shown} test samples that the first model recognises, of ${examples.attacked} that were attacked: the others are left out.`
              : `All ${shown} test samples that were attacked.`}{' '}
            The number of each leads to all that is known of it.
          </p>
          <Samples figures={examples.figures} peculiarities={peculiarities} />
        </>
      ),
    },
    { name: 'experiment', title: 'Experiment', content: <Experiment report={report} /> },
  ];
  return pages.filter((page) => page !== false);
}

function document({ run }: Report, pages: readonly Page[], page: Page): string {
  const root = '../'.repeat(page.name.split('/').length - 1);
  const links = {
    findings: `${root}findings.html`,
    sample: (testIndex: number) => `${root}${exampleName(testIndex)}.html`,
  };
  const text = renderToStaticMarkup(
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${page.title}: ${run.name}`}</title>
        <link rel="stylesheet" href={`${root}style.css`} />
      </head>
      <body>
        <header className="site">
          <a href={`${root}index.html`}>{run.name}</a>
          <nav aria-label="Pages">
            {pages.map(({ name, title }) => (
              <a
                key={name}
                href={`${root}${name}.html`}
                aria-current={name === page.name ? 'page' : name === page.name.split('/')[0] ? 'true' : undefined}
              >
                {title}
              </a>
            ))}
          </nav>
        </header>
        <main>
          <h1>{page.name === 'index' ? run.name : page.title}</h1>
          <LinksContext value={links}>{page.content}</LinksContext>
        </main>
      </body>
    </html>,
  );
  return visible(`<!doctype html>\n${text}\n`);
}

/** Where all that is known of a test sample is. */
function exampleName(testIndex: number): string {
  return `examples/${testIndex}`;
}

import type { Report } from '../../report/read-report';

import { FINDINGS_NOTE, FINDINGS_TITLE, findingTexts } from '../findings-wording';

/** What makes the figures of a run doubtful, the gravest first. Nothing where there is nothing. */
export function Findings({ report: { findings, run } }: { readonly report: Report }) {
  if (findings.length === 0) return null;
  return (
    <section id="findings">
      <h2>{FINDINGS_TITLE}</h2>
      <p className="soft">{FINDINGS_NOTE}</p>
      <ul className="claims">
        {findingTexts(findings, run.seeds).map(({ state, open, severity, where, audit, summary, remedies }) => (
          <li key={`${where} ${audit} ${state}`}>
            <span className={`verdict ${open ? (severity === 'high' ? 'fails' : 'not-measured') : 'holds'}`}>
              {state}
            </span>{' '}
            <strong>{audit}</strong> <span className="soft">{where}</span>
            <p>{summary}</p>
            {remedies.length > 0 && <p className="soft">Tried: {remedies.join('; ')}.</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

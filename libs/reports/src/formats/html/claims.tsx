import type { ClaimComparison, ClaimVerdict } from '../../report/judge-claims';

import { verdictText } from '../wording';

/** The publication's claims; what speaks against one is in sight, what speaks for it can be opened. */
export function Claims({ claims }: { readonly claims: readonly ClaimVerdict[] }) {
  return (
    <section id="claims">
      <h2>The publication&apos;s claims, on this run&apos;s figures</h2>
      <ul className="claims">
        {claims.map((verdict) => (
          <Judged key={verdict.claim.id} verdict={verdict} />
        ))}
      </ul>
    </section>
  );
}

/** Comparisons against a claim that are shown without being asked for. */
const IN_SIGHT = 12;

function Judged({ verdict }: { readonly verdict: ClaimVerdict }) {
  const { claim, comparisons, restsOn } = verdict;
  const against = comparisons.filter((comparison) => !comparison.holds);
  const supporting = comparisons.filter((comparison) => comparison.holds);
  return (
    <li>
      <div>
        <strong>{claim.id}</strong> <span className={`verdict ${verdict.verdict}`}>{verdictText(verdict)}</span>
      </div>
      <p>{claim.text}</p>
      <p className="small soft">Judged by: {claim.rule}</p>
      {restsOn.map((what) => (
        <p key={what} className="note">
          It rests on {what}.
        </p>
      ))}
      <Comparisons title={`${against.length} against it`} comparisons={against} open={against.length <= IN_SIGHT} />
      <Comparisons title={`${supporting.length} for it`} comparisons={supporting} open={false} />
    </li>
  );
}

interface ComparisonsProps {
  readonly title: string;
  readonly comparisons: readonly ClaimComparison[];
  readonly open: boolean;
}

function Comparisons({ title, comparisons, open }: ComparisonsProps) {
  if (comparisons.length === 0) return null;
  return (
    <details open={open}>
      <summary>{title}</summary>
      <ul>
        {comparisons.map(({ text }) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </details>
  );
}

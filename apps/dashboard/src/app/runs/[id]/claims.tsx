import type { ClaimVerdict } from '@rampart/api';

import { Icon, type IconName } from '@/components/icon';

const LOOKS: Readonly<Record<ClaimVerdict['verdict'], { text: string; look: string; icon: IconName }>> = {
  holds: { text: 'Holds', look: 'bg-good-soft text-good', icon: 'check' },
  partly: { text: 'Holds in part', look: 'bg-warn-soft text-warn', icon: 'info' },
  fails: { text: 'Does not hold', look: 'bg-bad-soft text-bad', icon: 'close' },
  'not-measured': { text: 'Not measured', look: 'bg-sunken text-ink-2', icon: 'info' },
};

/** The publication's claims as this run's figures have them. */
export function Claims({ verdicts }: { readonly verdicts: readonly ClaimVerdict[] }) {
  return (
    <section aria-labelledby="claims-title" className="card">
      <h2 id="claims-title" className="border-b border-line px-4 py-2.5 text-sm font-semibold">
        The publication’s claims, on this run’s figures
      </h2>
      <ul className="divide-y divide-line">
        {verdicts.map(({ claim, verdict, comparisons, doubtful, restsOn }) => {
          const { text, look, icon } = LOOKS[verdict];
          const holding = comparisons.filter((one) => one.holds).length;
          return (
            <li key={claim.id}>
              <details className="group">
                <summary className="flex list-none flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 hover:bg-sunken/60">
                  <Icon
                    name="right"
                    size={11}
                    className="shrink-0 text-ink-3 transition-transform group-open:rotate-90"
                  />
                  <span className="w-7 text-xs font-semibold text-ink-3">{claim.id}</span>
                  <span className="min-w-52 flex-1 text-[13px]">{claim.text}</span>
                  {doubtful.length > 0 && <span className="text-xs text-warn">figures in doubt</span>}
                  {comparisons.length > 0 && (
                    <span className="figures text-xs text-ink-3">
                      {holding} of {comparisons.length}
                    </span>
                  )}
                  <span
                    className={`inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium max-sm:ml-[62px] ${look}`}
                  >
                    <Icon name={icon} size={11} />
                    {text}
                  </span>
                </summary>
                <div className="px-4 pb-3 pl-[68px] text-xs max-sm:pl-10">
                  <p className="mb-1.5 text-ink-3">Decided by: {claim.rule}</p>
                  {restsOn.map((what) => (
                    <p key={what} className="mb-1.5 text-warn">
                      It rests on {what}.
                    </p>
                  ))}
                  <ul className="figures grid gap-0.5">
                    {comparisons.map((one) => (
                      <li key={one.text} className="flex items-start gap-2">
                        <Icon
                          name={one.holds ? 'check' : 'close'}
                          size={12}
                          className={`mt-0.5 shrink-0 ${one.holds ? 'text-good' : 'text-bad'}`}
                        />
                        <span>
                          <span className="sr-only">{one.holds ? 'as claimed: ' : 'against the claim: '}</span>
                          {one.text}
                        </span>
                      </li>
                    ))}
                  </ul>
                </div>
              </details>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

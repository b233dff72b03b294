import { distanceText, NORM_NAMES, NORMS } from '@rampart/charts';

import { Label } from '@/components/label';

import type { InstanceData } from './chosen-item';

/** Of each model's examples that evade, the nearest in each norm, whichever attack found it. */
export function NearestTable({ data: { nearest, items } }: { readonly data: InstanceData }) {
  if (!items.some(({ details }) => details)) return null;
  return (
    <section className="card overflow-x-auto p-4" aria-label="Nearest examples" tabIndex={0}>
      <h2 className="text-sm font-semibold">The nearest example that evades, over all attacks</h2>
      <p className="mt-0.5 max-w-3xl text-xs text-ink-3">
        In each norm by itself, in the units of the box: how little it takes to have this sample judged wrongly. An
        attack that minimises one norm says little about the others.
      </p>
      <table className="figures mt-2 text-[13px]">
        <thead>
          <tr className="text-left text-xs text-ink-3">
            <th scope="col" className="py-1 pr-6 font-medium">
              Model
            </th>
            {NORMS.map((norm) => (
              <th key={norm} scope="col" className="py-1 pr-6 font-medium">
                {NORM_NAMES[norm]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {nearest.map(({ model, ofNorms }) => (
            <tr key={model} className="border-t border-line align-top">
              <th scope="row" className="max-w-60 min-w-28 py-1.5 pr-6 text-left font-medium">
                <Label text={model} />
              </th>
              {ofNorms ? (
                NORMS.map((norm) => (
                  <td key={norm} className="py-1.5 pr-6">
                    <strong className="font-semibold">{distanceText(norm, ofNorms[norm].distance)}</strong>
                    <div className="max-w-52 min-w-28 text-xs text-ink-3">
                      <Label text={ofNorms[norm].attack} />
                    </div>
                  </td>
                ))
              ) : (
                <td colSpan={NORMS.length} className="py-1.5 text-ink-2">
                  {items.some((item) => item.model === model && item.outcome === 'misclassified')
                    ? 'judged wrongly without an attack'
                    : 'no attack evades'}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

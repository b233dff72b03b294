'use client';

import { BarPairs, distanceText, NORM_NAMES, NORMS, PAIR_LOOKS } from '@rampart/charts';

import { LineChart } from '@/components/charts/line-chart';
import { percent } from '@/components/format';
import { LargeShown } from '@/components/gallery/large-shown';
import { className, OutcomeBadge, UNMOVED_TEXT } from '@/components/gallery/triptych';
import { Label } from '@/components/label';
import { useSearchState } from '@/components/search-state';
import { Segments } from '@/components/ui/segments';

import type { InstanceData, InstanceItem } from './chosen-item';

interface DetailProps {
  readonly item: InstanceItem;
  readonly data: InstanceData;
}

/** All that is known of one attack on one model: before and after, what the model said, how the search went. */
export function InstanceDetail({ item, data }: DetailProps) {
  const { model, attack, outcome, picture, details } = item;
  const before = `${className(data.classes, item.predictionBefore)}, ${percent(item.confidenceBefore)}`;
  const after = `${className(data.classes, item.predictionAfter)}, ${percent(item.confidenceAfter)}`;
  return (
    <section className="card p-4" aria-label="Details">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="min-w-0 text-sm font-semibold">
          <Label text={attack} /> on <Label text={model} />
        </h2>
        <OutcomeBadge outcome={outcome} />
        <span className="figures text-xs text-ink-3">
          {item.iterations === 1 ? '1 step' : `${item.iterations.toLocaleString('en')} steps`}
        </span>
      </header>
      {outcome === 'unmoved' && <p className="mt-1 max-w-3xl text-xs text-ink-2">{UNMOVED_TEXT}</p>}
      {picture && (
        <div className="mt-3">
          <LargeShown shown={picture} box={data.box} before={`taken for ${before}`} after={`taken for ${after}`} />
        </div>
      )}
      <div className="mt-4 grid grid-cols-[repeat(auto-fit,minmax(min(100%,320px),1fr))] gap-x-8 gap-y-5">
        <Said item={item} classes={data.classes} />
        <Search item={item} />
        {details && <Distances details={details} />}
      </div>
    </section>
  );
}

const VALUES = [
  ['probabilities', 'Probabilities'],
  ['logits', 'Logits'],
] as const;

/** What the model said of the classes, before and after. */
function Said({
  item: { details, label, model },
  classes,
}: {
  readonly item: InstanceItem;
  readonly classes: readonly string[];
}) {
  const { params, set } = useSearchState();
  const kind = params.get('values') === 'logits' ? 'logits' : 'probabilities';
  return (
    <div className="min-w-0">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-[13px] font-semibold">What the model says</h3>
        <Segments
          label="Values"
          value={kind}
          options={VALUES}
          onChange={(value) => set({ values: value === 'logits' ? value : undefined })}
        />
      </div>
      {details?.classes ? (
        <>
          <div className="mt-2 max-w-md text-ink">
            <BarPairs
              title={`${kind === 'logits' ? 'Logits' : 'Probabilities'} of ${model} before and after`}
              pairs={details.classes.map((one) => ({
                name: className(classes, one.label),
                values: one[kind],
                strong: one.label === label,
              }))}
              {...(kind === 'probabilities' && { domain: [0, 1] as const, format: percent })}
            />
          </div>
          <p className="mt-1 flex flex-wrap gap-x-4 text-xs text-ink-3">
            {['before', 'after'].map((text, which) => (
              <span key={text} className="inline-flex items-center gap-1.5">
                <span
                  aria-hidden="true"
                  className="inline-block size-2.5 rounded-xs"
                  style={{ background: PAIR_LOOKS[which]!.colour }}
                />
                {text}
              </span>
            ))}
            <span>
              the true class in bold
              {details.otherClasses > 0 && `; ${details.otherClasses.toLocaleString('en')} others left out`}
            </span>
          </p>
        </>
      ) : (
        <p className="mt-2 text-xs text-ink-3">Not kept: an earlier version made this result.</p>
      )}
    </div>
  );
}

/** How the search went: the loss of this instance alone. */
function Search({ item: { details, mode } }: { readonly item: InstanceItem }) {
  const losses = details?.losses;
  return (
    <div className="min-w-0">
      <h3 className="text-[13px] font-semibold">The path of the loss</h3>
      {losses && losses.length > 1 ? (
        <>
          <LineChart
            title="Signed margin by evaluations of the model"
            series={[{ name: 'lowest signed margin', points: losses }]}
            height={200}
            xLabel="evaluations of the model"
            yLabel="signed margin"
            xWhole
          />
          <p className="text-xs text-ink-3">
            The lowest signed margin so far, at the end that of the example; below 0 it evades.
          </p>
        </>
      ) : (
        <p className="mt-2 text-xs text-ink-3">
          {mode === 'static'
            ? 'The example was made against the undefended model: its search is shown there, under Adaptive.'
            : losses
              ? 'The search ended with its first evaluation.'
              : 'Not kept: an earlier version made this result.'}
        </p>
      )}
    </div>
  );
}

function Distances({ details }: { readonly details: NonNullable<InstanceItem['details']> }) {
  return (
    <div className="min-w-0">
      <h3 className="text-[13px] font-semibold">Distance from the original</h3>
      <dl className="figures mt-2 grid max-w-xs grid-cols-[1fr_auto] gap-x-6 gap-y-1 text-[13px]">
        {NORMS.map((norm) => (
          <div key={norm} className="contents">
            <dt className="text-ink-2">{NORM_NAMES[norm]}</dt>
            <dd className="text-right">{distanceText(norm, details.distances[norm])}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

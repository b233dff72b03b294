'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';

import { percent } from '@/components/format';
import { ChangeShown, OriginalShown } from '@/components/gallery/shown';
import { className, OutcomeBadge, unmovedText } from '@/components/gallery/triptych';
import { Label } from '@/components/label';
import { useSearchState } from '@/components/search-state';

import type { InstanceData, InstanceItem } from './chosen-item';
import { withParams } from '@/components/with-params';

/** Models against attacks: what became of the sample, each a way to all that is known of it. */
export function InstanceGrid(props: {
  readonly data: InstanceData;
  readonly testIndex: number;
  readonly chosen: InstanceItem | undefined;
}) {
  const { data, testIndex, chosen } = props;
  const original = data.items.find((item) => item.picture)?.picture;
  return (
    <div
      className="card overflow-x-auto"
      role="region"
      aria-label="Under every attack, on every model"
      // Wider than a small window: scrolled by the keyboard too.
      tabIndex={0}
    >
      <table className="border-separate border-spacing-1 p-2 text-[13px]">
        <caption className="sr-only">Test sample {testIndex} under every attack, on every model</caption>
        <thead>
          <tr>
            <th scope="col" className="sticky left-0 z-20 bg-surface p-2 text-left align-bottom">
              <div className={original?.kind === 'row' ? 'w-40' : 'w-28'}>
                {original && <OriginalShown shown={original} />}
                <div className="mt-1 text-xs font-normal text-ink-3">
                  test sample {testIndex}
                  <br />
                  true class <strong className="text-ink">{className(data.classes, data.items[0]!.label)}</strong>
                </div>
              </div>
            </th>
            {data.attacks.map((attack) => (
              <th key={attack} scope="col" className="p-2 text-left align-bottom text-xs font-medium text-ink-3">
                <Label text={attack} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.models.map((model) => (
            <tr key={model}>
              <th scope="row" className="sticky left-0 z-20 max-w-40 bg-surface p-2 text-left font-medium break-words">
                <Label text={model} />
              </th>
              {data.attacks.map((attack) => {
                const item = data.items.find((one) => one.model === model && one.attack === attack);
                return (
                  <td
                    key={attack}
                    className={`relative rounded-lg border p-2 align-top ${item && item === chosen ? 'border-accent bg-accent-soft' : 'border-line'}`}
                  >
                    {item ? (
                      <Judged item={item} classes={data.classes} chosen={item === chosen} />
                    ) : (
                      <span className="text-ink-3">–</span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Judged(props: { readonly item: InstanceItem; readonly classes: readonly string[]; readonly chosen: boolean }) {
  const { item, classes, chosen } = props;
  const { picture, model, attack } = item;
  const pathname = usePathname();
  const { params } = useSearchState();
  return (
    <div className={picture?.kind === 'row' ? 'w-56' : 'w-40'}>
      {picture && <ChangeShown shown={picture} />}
      <div className="figures mt-1.5 flex items-baseline justify-between gap-1">
        <span>
          <strong className="font-semibold">{className(classes, item.predictionAfter)}</strong>{' '}
          <span className={`text-xs ${chosen ? 'text-ink-2' : 'text-ink-3'}`}>{percent(item.confidenceAfter)}</span>
        </span>
        <OutcomeBadge outcome={item.outcome} />
      </div>
      <div className="figures flex justify-between gap-1 text-xs text-ink-2">
        <span>{item.outcome === 'unmoved' ? unmovedText(item) : `distortion ${item.distortion.toFixed(4)}`}</span>
        <Link
          href={withParams(pathname, params, { model, attack })}
          scroll={false}
          aria-current={chosen ? 'true' : undefined}
          aria-label={`Details of ${attack} on ${model}`}
          // All of the cell leads there, players excepted.
          className="link after:absolute after:inset-0 after:rounded-lg"
        >
          details
        </Link>
      </div>
    </div>
  );
}

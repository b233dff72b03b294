'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import Link from 'next/link';

import { useTRPC } from '@/client/trpc';
import { MODE_TEXT, percent } from '@/components/format';
import { ChangeShown, OriginalShown } from '@/components/gallery/shown';
import { className, type GalleryItem, OutcomeBadge, unmovedText } from '@/components/gallery/triptych';
import { Icon } from '@/components/icon';
import { Label } from '@/components/label';
import { useSearchState } from '@/components/search-state';
import { Empty } from '@/components/ui/empty';
import { Segments } from '@/components/ui/segments';

import { galleryQuery, seedOf } from '../query';

/** One test image: what every attack made of it against every model. */
export function Instance({ id, testIndex }: { readonly id: string; readonly testIndex: number }) {
  const trpc = useTRPC();
  const { params, set } = useSearchState();
  const { mode = 'adaptive' } = galleryQuery(id, params);
  const { data, error } = useQuery(
    trpc.gallery.instance.queryOptions(
      { id, testIndex, mode, ...seedOf(params) },
      { placeholderData: keepPreviousData },
    ),
  );
  if (error)
    return (
      <Empty tone="bad" title="The images cannot be read">
        {error.message}
      </Empty>
    );
  if (!data) return null;
  const [first] = data.items;
  const original = data.items.find((item) => item.picture)?.picture;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center gap-4">
        <Link href={`/runs/${id}/gallery`} className="button">
          <Icon name="left" size={12} /> Gallery
        </Link>
        <Segments
          label="Examples"
          value={mode}
          options={[
            ['adaptive', 'Adaptive'],
            ['static', 'Transfer (static)'],
          ]}
          onChange={(value) => set({ mode: value === 'adaptive' ? undefined : value })}
        />
        <p className="text-[13px] text-ink-2">{MODE_TEXT[mode]}</p>
      </div>
      {!first ? (
        <Empty icon="search" title="This image was not attacked">
          <p>Only malicious test instances are modified; test image {testIndex} is not one of them in this run.</p>
        </Empty>
      ) : (
        <div className="card overflow-x-auto">
          <table className="border-separate border-spacing-1 p-2 text-[13px]">
            <caption className="sr-only">Test image {testIndex} under every attack, on every model</caption>
            <thead>
              <tr>
                <th scope="col" className="sticky left-0 z-10 bg-surface p-2 text-left align-bottom">
                  <div className="w-28">
                    {original && <OriginalShown shown={original} />}
                    <div className="mt-1 text-xs font-normal text-ink-3">
                      test sample {testIndex}
                      <br />
                      true class <strong className="text-ink">{className(data.classes, first.label)}</strong>
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
                  <th
                    scope="row"
                    className="sticky left-0 z-10 max-w-40 bg-surface p-2 text-left font-medium break-words"
                  >
                    <Label text={model} />
                  </th>
                  {data.attacks.map((attack) => (
                    <td key={attack} className="rounded-lg border border-line p-2 align-top">
                      <Judged
                        item={data.items.find((one) => one.model === model && one.attack === attack)}
                        classes={data.classes}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function Judged({ item, classes }: { readonly item: GalleryItem | undefined; readonly classes: readonly string[] }) {
  if (!item) return <span className="text-ink-3">–</span>;
  const { picture } = item;
  return (
    <div className="w-40">
      {picture && <ChangeShown shown={picture} />}
      <div className="figures mt-1.5 flex items-baseline justify-between gap-1">
        <span>
          <strong className="font-semibold">{className(classes, item.predictionAfter)}</strong>{' '}
          <span className="text-xs text-ink-3">{percent(item.confidenceAfter)}</span>
        </span>
        <OutcomeBadge outcome={item.outcome} />
      </div>
      <div className="figures text-xs text-ink-3">
        {item.outcome === 'unmoved' ? unmovedText(item) : `distortion ${item.distortion.toFixed(4)}`}
      </div>
    </div>
  );
}

'use client';

import type { AppRouter } from '@rampart/api';
import type { inferProcedureOutput } from '@trpc/server';
import Link from 'next/link';

import { percent } from '../format';
import { Icon } from '../icon';
import { Pixels } from './pixels';
import { Row } from './row';
import { Sound } from './sound';

export type GalleryItem = inferProcedureOutput<AppRouter['gallery']['page']>['items'][number];

/** Names a class, or its number where it has no name; below 0 none was decided for. */
export function className(classes: readonly string[], index: number): string {
  return classes[index] ?? (index < 0 ? 'rejected' : `class ${index}`);
}

const OUTCOMES = {
  evaded: { text: 'evaded', look: 'bg-bad-soft text-bad', icon: 'alert' },
  resisted: { text: 'resisted', look: 'bg-good-soft text-good', icon: 'check' },
  misclassified: { text: 'wrong before', look: 'bg-warn-soft text-warn', icon: 'info' },
  unmoved: { text: 'not attacked', look: 'bg-sunken text-ink-2', icon: 'info' },
} as const;

/** What "not attacked" means. */
export const UNMOVED_TEXT =
  'The attack left this sample as it was, as with a zero gradient: it was not attacked, which is no resistance.';

/** Replayed examples are not moved where the original deceives the model that they were made against. */
export function unmovedText({ mode }: Pick<GalleryItem, 'mode'>): string {
  return mode === 'adaptive' ? 'not moved: zero gradient' : 'not moved';
}

export function OutcomeBadge({ outcome }: { readonly outcome: keyof typeof OUTCOMES }) {
  const { text, look, icon } = OUTCOMES[outcome];
  return (
    <span
      title={outcome === 'unmoved' ? UNMOVED_TEXT : undefined}
      className={`inline-flex items-center gap-1 rounded-full px-1.5 py-px text-[11px] font-medium whitespace-nowrap ${look}`}
    >
      <Icon name={icon} size={10} />
      {text}
    </span>
  );
}

/** What there is to see of a sample: an image as three, a sound to hear as well, the columns of a row that changed. */
function Shown({
  picture,
  original,
  adversarial,
}: {
  readonly picture: GalleryItem['picture'];
  /** What the sample before and after is called. */
  readonly original: string;
  readonly adversarial: string;
}) {
  switch (picture?.kind) {
    case 'row':
      return <Row row={picture} />;
    case 'sound':
      return <Sound sound={picture} original={original} adversarial={adversarial} />;
    case 'picture':
      return (
        <div className="grid grid-cols-3 gap-1.5">
          <Pixels picture={picture} part="original" label={original} />
          <Pixels
            picture={picture}
            part="perturbation"
            label={`Perturbation, at most ${picture.scale.toFixed(3)} a pixel`}
          />
          <Pixels picture={picture} part="adversarial" label={adversarial} />
        </div>
      );
    default:
      return (
        <div className="grid aspect-[3/1] place-items-center rounded-sm bg-sunken text-xs text-ink-3">
          no images stored
        </div>
      );
  }
}

/** Original, perturbation and adversarial sample, with what the model said before and after. */
export function Triptych(props: {
  readonly item: GalleryItem;
  readonly classes: readonly string[];
  readonly href?: string;
  readonly showModel?: boolean;
  readonly showAttack?: boolean;
}) {
  const { item, classes, href } = props;
  const before = className(classes, item.predictionBefore);
  const after = className(classes, item.predictionAfter);
  const title = [props.showModel && item.model, props.showAttack && item.attack].filter(Boolean).join(' · ');
  const { picture } = item;
  return (
    <article
      className="card relative p-2.5 focus-within:border-accent hover:border-line-strong"
      aria-label={`Test sample ${item.testIndex}`}
    >
      <Shown
        picture={picture}
        original={`Original, ${className(classes, item.label)}`}
        adversarial={`Adversarial, taken for ${after}`}
      />
      <div className="figures mt-2 flex items-baseline justify-between gap-2 text-[13px]">
        <span>
          <strong className="font-semibold">{before}</strong>{' '}
          <span className="text-xs text-ink-3">{percent(item.confidenceBefore)}</span>
          <span aria-hidden="true"> → </span>
          <span className="sr-only"> became </span>
          <strong className="font-semibold">{after}</strong>{' '}
          <span className="text-xs text-ink-3">{percent(item.confidenceAfter)}</span>
        </span>
        <OutcomeBadge outcome={item.outcome} />
      </div>
      <div className="figures mt-0.5 flex justify-between gap-2 text-xs text-ink-3">
        {item.outcome === 'unmoved' ? (
          <span>{unmovedText(item)}</span>
        ) : (
          <span>
            distortion {item.distortion.toFixed(4)}
            {picture && <>, at most ±{picture.scale.toFixed(2)}</>}
          </span>
        )}
        <span>{item.iterations === 1 ? '1 step' : `${item.iterations} steps`}</span>
      </div>
      {title && <div className="mt-0.5 truncate text-xs text-ink-2">{title}</div>}
      {href && (
        <Link
          href={href}
          className="absolute inset-0 rounded-[10px]"
          aria-label={`Test sample ${item.testIndex} under every attack`}
        >
          <span className="sr-only">Open</span>
        </Link>
      )}
    </article>
  );
}

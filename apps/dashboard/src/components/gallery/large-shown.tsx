import type { ReactNode } from 'react';

import { Pixels } from './pixels';
import { RowChanges } from './row-changes';
import type { Shown } from './shown';
import { SoundPart } from './sound';

interface LargeShownProps {
  readonly shown: Shown;
  /** The values that features can have. */
  readonly box: { readonly min: number; readonly max: number };
  /** What the model took it for. */
  readonly before: string;
  readonly after: string;
}

/** A sample before, what was changed, and after, as large as there is room for. */
export function LargeShown({ shown, box, before, after }: LargeShownProps) {
  switch (shown.kind) {
    case 'row':
      return <RowChanges row={shown} />;
    case 'sound':
      return (
        <div className="grid grid-cols-[repeat(auto-fit,minmax(min(100%,260px),1fr))] gap-4">
          <Part caption="Original" note={before}>
            <SoundPart view={shown.original} name="Original" tall />
          </Part>
          <Part
            caption="What was changed"
            note={
              shown.scale === 0 ? 'nothing changed' : `${amplified(1 / shown.scale)}: at most ${small(shown.scale)}`
            }
          >
            <SoundPart view={shown.change} name="What was changed, amplified" tall />
          </Part>
          <Part caption="Adversarial" note={after}>
            <SoundPart view={shown.adversarial} name="Adversarial" tall />
          </Part>
        </div>
      );
    case 'picture':
      return (
        <div className="grid max-w-3xl grid-cols-3 gap-3 sm:gap-5">
          <Part caption="Original" note={before}>
            <Pixels picture={shown} part="original" label={`Original, ${before}`} />
          </Part>
          <Part
            caption="Perturbation"
            note={
              shown.scale === 0
                ? 'nothing changed'
                : `${amplified((box.max - box.min) / shown.scale)}: the full colour is a change of ${small(shown.scale)}, of a range of ${small(box.max - box.min)}`
            }
          >
            <Pixels picture={shown} part="perturbation" label={`Perturbation, at most ${small(shown.scale)} a pixel`} />
          </Part>
          <Part caption="Adversarial" note={after}>
            <Pixels picture={shown} part="adversarial" label={`Adversarial, ${after}`} />
          </Part>
        </div>
      );
  }
}

function Part(props: { readonly caption: string; readonly note: string; readonly children: ReactNode }) {
  return (
    <figure className="min-w-0">
      {props.children}
      <figcaption className="figures mt-1.5 text-xs text-ink-3">
        <strong className="block font-semibold text-ink">{props.caption}</strong>
        {props.note}
      </figcaption>
    </figure>
  );
}

function amplified(factor: number): string {
  if (factor < 1.05) return 'not amplified';
  return `amplified ${factor >= 10 ? Math.round(factor).toLocaleString('en') : factor.toPrecision(2)} times`;
}

function small(value: number): string {
  return String(Number(value.toPrecision(3)));
}

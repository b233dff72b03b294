import { Pixels } from './pixels';
import { OriginalRow, Row } from './row';
import { SoundPart } from './sound';
import type { GalleryItem } from './triptych';

/** What there is to see of a sample. */
export type Shown = NonNullable<GalleryItem['picture']>;

/** A sample before any attack. */
export function OriginalShown({ shown }: { readonly shown: Shown }) {
  switch (shown.kind) {
    case 'row':
      return <OriginalRow row={shown} />;
    case 'sound':
      return <SoundPart view={shown.original} name="Original" />;
    case 'picture':
      return <Pixels picture={shown} part="original" label="Original" />;
  }
}

/** What was changed of it, and what it became. */
export function ChangeShown({ shown }: { readonly shown: Shown }) {
  switch (shown.kind) {
    case 'row':
      return <Row row={shown} />;
    case 'sound':
      return (
        <div className="grid gap-1.5">
          <SoundPart view={shown.change} name={`What was changed, at most ${shown.scale.toFixed(4)}, amplified`} />
          <SoundPart view={shown.adversarial} name="Adversarial" />
        </div>
      );
    case 'picture':
      return (
        <div className="grid grid-cols-2 gap-1.5">
          <Pixels
            picture={shown}
            part="perturbation"
            label={`Perturbation, at most ${shown.scale.toFixed(3)} a pixel`}
          />
          <Pixels picture={shown} part="adversarial" label="Adversarial" />
        </div>
      );
  }
}

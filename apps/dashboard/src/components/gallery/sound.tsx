import type { ShownSound, SoundView } from '@rampart/api';

const WIDTH = 160;
const HEIGHT = 40;

/** A sound, what was changed of it, and what it became: wave, spectrogram and player of each. */
export function Sound({
  sound,
  original,
  adversarial,
}: {
  readonly sound: ShownSound;
  /** What the sounds are called. */
  readonly original: string;
  readonly adversarial: string;
}) {
  return (
    // Above the card's link where there are players to be used.
    <div className={`grid gap-1.5 ${sound.original.audio === undefined ? '' : 'relative z-10'}`}>
      <SoundPart view={sound.original} name={original} />
      <SoundPart view={sound.change} name={`What was changed, at most ${sound.scale.toFixed(4)}, amplified`} />
      <SoundPart view={sound.adversarial} name={adversarial} />
    </div>
  );
}

/** One of them: wave, spectrogram and player. */
export function SoundPart(props: { readonly view: SoundView; readonly name: string; readonly tall?: boolean }) {
  const { view, name } = props;
  const height = props.tall ? 'h-24' : 'h-10';
  return (
    <div className="min-w-0 overflow-hidden rounded-sm bg-sunken">
      <div className="grid grid-cols-2">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`Wave: ${name}`}
          className={`block ${height} w-full fill-accent`}
        >
          <path d={wavePath(view.wave)} />
        </svg>
        <img
          src={view.spectrogram}
          alt={`Spectrogram: ${name}`}
          title="Time to the right, frequency upwards, loud dark"
          className={`block ${height} w-full`}
        />
      </div>
      {view.audio === undefined ? (
        <p className="px-2 py-1 text-xs text-ink-3">long: open it to listen</p>
      ) : (
        // Narrower, a player has no room for its button.
        <audio
          controls
          preload="none"
          src={view.audio}
          aria-label={name}
          className="relative z-10 h-8 w-full min-w-28"
        />
      )}
    </div>
  );
}

/** The band between the least and the greatest amplitude of each part. */
function wavePath(wave: readonly number[]): string {
  const parts = wave.length / 2;
  const point = (part: number, amplitude: number, nudge: number) =>
    `${(((part + 0.5) * WIDTH) / parts).toFixed(1)},${((HEIGHT * (1 - amplitude)) / 2 + nudge).toFixed(1)}`;
  const upper = Array.from({ length: parts }, (_, part) => point(part, wave[2 * part + 1]!, -0.4));
  const lower = Array.from({ length: parts }, (_, part) => point(part, wave[2 * part]!, 0.4)).reverse();
  return `M${[...upper, ...lower].join('L')}Z`;
}

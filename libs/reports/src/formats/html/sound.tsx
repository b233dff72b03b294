import type { SoundView } from '../../report/shown-sound';

const WIDTH = 160;
const HEIGHT = 44;

/** A sound as its wave, its spectrogram and a player. */
export function Sound({ view, name }: { readonly view: SoundView; readonly name: string }) {
  return (
    <div className="sound">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Wave, ${name}`}>
        <path d={wavePath(view.wave)} />
      </svg>
      <img
        src={view.spectrogram}
        alt={`Spectrogram, ${name}`}
        title="Time to the right, frequency upwards, loud dark"
      />
      <audio controls preload="none" src={view.audio} aria-label={name} />
    </div>
  );
}

/** The band between the least and the greatest amplitude of each part. */
function wavePath(wave: readonly number[]): string {
  const parts = wave.length / 2;
  const x = (part: number) => ((part + 0.5) * WIDTH) / parts;
  // Never thinner than can be seen.
  const y = (amplitude: number, nudge: number) => (HEIGHT * (1 - amplitude)) / 2 + nudge;
  const point = (part: number, at: number) => `${x(part).toFixed(1)},${at.toFixed(1)}`;
  const upper = Array.from({ length: parts }, (_, part) => point(part, y(wave[2 * part + 1]!, -0.4)));
  const lower = Array.from({ length: parts }, (_, part) => point(part, y(wave[2 * part]!, 0.4))).reverse();
  return `M${[...upper, ...lower].join('L')}Z`;
}

'use client';

import { short } from '@rampart/charts';
import { useEffect, useState } from 'react';

/** Places of the slider, from just above nothing to the largest epsilon of a threat. */
const PLACES = 50;

/** Any epsilon of a norm, asked for once the slider is let go of. */
export function EpsilonSlider(props: {
  readonly norms: readonly { readonly norm: 'l0' | 'l1' | 'l2' | 'linf'; readonly epsilon: number }[];
  readonly at: { readonly norm: string; readonly epsilon: number } | undefined;
  readonly onChange: (norm: string, epsilon: number) => void;
}) {
  const { norms, at, onChange } = props;
  const chosen = norms.find((one) => one.norm === at?.norm) ?? norms[0]!;
  const placeOf = (epsilon: number) => Math.min(PLACES, Math.max(1, Math.round((epsilon / chosen.epsilon) * PLACES)));
  const epsilonAt = (place: number) => Number(((place / PLACES) * chosen.epsilon).toPrecision(3));
  const now = at ? placeOf(at.epsilon) : PLACES;
  const [place, setPlace] = useState(now);
  useEffect(() => setPlace(now), [now]);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2 text-[13px] text-ink-2">
      <span>At any epsilon, from the curves:</span>
      <select
        className="field"
        aria-label="Norm"
        value={chosen.norm}
        onChange={(event) => {
          const next = norms.find((one) => one.norm === event.target.value)!;
          onChange(next.norm, next.epsilon);
        }}
      >
        {norms.map(({ norm }) => (
          <option key={norm}>{norm}</option>
        ))}
      </select>
      <input
        type="range"
        aria-label="Epsilon"
        aria-valuetext={short(epsilonAt(place))}
        className="w-48 min-w-0 flex-1 accent-(--accent) sm:max-w-80"
        min={1}
        max={PLACES}
        value={place}
        onChange={(event) => setPlace(Number(event.target.value))}
        onPointerUp={() => onChange(chosen.norm, epsilonAt(place))}
        onKeyUp={() => onChange(chosen.norm, epsilonAt(place))}
      />
      <output className="figures w-24 font-semibold text-ink">{short(epsilonAt(place))}</output>
    </div>
  );
}

import type { ThreatModel } from '@rampart/api';

/** Of the test set, what is right without attack, what of it stays right, and the interval of that. */
export function AccuracyBar({ of }: { readonly of: ThreatModel }) {
  const { value, low = value, high = value } = of.robustAccuracy;
  const share = (from: number, to = 0) => `${((from - to) * 100).toFixed(2)}%`;
  return (
    <div aria-hidden="true" className="relative h-2.5 rounded-sm bg-sunken">
      <div
        className="absolute inset-y-0 left-0 rounded-sm bg-accent opacity-25"
        style={{ width: share(of.cleanAccuracy.value) }}
      />
      <div className="absolute inset-y-0 left-0 rounded-sm bg-accent" style={{ width: share(value) }} />
      <div
        className="absolute top-1/2 h-px -translate-y-1/2 bg-ink"
        style={{ left: share(low), width: share(high, low) }}
      />
      {[low, high].map((bound, side) => (
        <div key={side} className="absolute inset-y-0 w-px bg-ink" style={{ left: share(bound) }} />
      ))}
    </div>
  );
}

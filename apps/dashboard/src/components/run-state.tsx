import type { RunState } from '@rampart/api';

const LOOKS: Readonly<Record<RunState, { label: string; dot: string; text: string }>> = {
  running: { label: 'Running', dot: 'bg-accent animate-pulse', text: 'text-accent' },
  done: { label: 'Done', dot: 'bg-good', text: 'text-good' },
  failed: { label: 'Failed', dot: 'bg-bad', text: 'text-bad' },
  cancelled: { label: 'Cancelled', dot: 'bg-ink-3', text: 'text-ink-2' },
  interrupted: { label: 'Interrupted', dot: 'bg-warn', text: 'text-warn' },
};

export const RUN_STATES = Object.keys(LOOKS) as RunState[];

export function stateLabel(state: RunState): string {
  return LOOKS[state].label;
}

export function StateBadge({ state }: { readonly state: RunState }) {
  const { label, dot, text } = LOOKS[state];
  return (
    <span className={`inline-flex items-center gap-1.5 text-[13px] font-medium whitespace-nowrap ${text}`}>
      <span aria-hidden="true" className={`size-2 rounded-full ${dot}`} />
      {label}
    </span>
  );
}

import type { ReactNode } from 'react';

import { Icon, type IconName } from '../icon';

/** What stands where there is nothing to show: what is missing, and what to do about it. */
export function Empty(props: {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly tone?: 'plain' | 'bad';
  /** Whether there is nothing else on the page. */
  readonly whole?: boolean;
}) {
  const Heading = props.whole ? 'h1' : 'h2';
  const bad = props.tone === 'bad';
  return (
    <div className="card flex flex-col items-center gap-2 px-6 py-14 text-center" role={bad ? 'alert' : undefined}>
      <span
        className={`grid size-10 place-items-center rounded-full ${bad ? 'bg-bad-soft text-bad' : 'bg-sunken text-ink-3'}`}
      >
        <Icon name={props.icon ?? (bad ? 'alert' : 'info')} size={18} />
      </span>
      <Heading className="text-[15px] font-semibold">{props.title}</Heading>
      <div className="flex w-full max-w-prose flex-col items-center gap-3 text-ink-2">{props.children}</div>
    </div>
  );
}

import type { ReactNode } from 'react';

/**
 * What answers the question before, while the answer to what is asked now has not come: it stays, so that nothing jumps,
 * but is seen and said to be no answer yet.
 */
export function Stale(props: { readonly when: boolean; readonly className?: string; readonly children: ReactNode }) {
  const { when, className = '', children } = props;
  return (
    <div aria-busy={when} className={`transition-opacity delay-100 ${when ? 'opacity-60' : ''} ${className}`}>
      {children}
    </div>
  );
}

'use client';

import { useEffect, useState } from 'react';

import { Icon } from './icon';

/** How often the server is asked whether it is there: while all is well, and while it is not. */
const CALM_MS = 5_000;
const LOST_MS = 1_500;

/**
 * Says so when the server has gone. Links stay where they are meanwhile: what is on the page, and what was typed into
 * it, would be lost to the browser's own page about a server that does not answer.
 */
export function ConnectionLost() {
  const [lost, setLost] = useState(false);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'hidden') return;
      fetch('/icon.svg', { method: 'HEAD', cache: 'no-store' }).then(
        () => setLost(false),
        () => setLost(true),
      );
    };
    const timer = setInterval(look, lost ? LOST_MS : CALM_MS);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [lost]);
  useEffect(() => {
    if (!lost) return undefined;
    const stay = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (!link || link.hash !== '') return;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener('click', stay, { capture: true });
    return () => document.removeEventListener('click', stay, { capture: true });
  }, [lost]);
  return (
    <div aria-live="assertive">
      {lost && (
        <p className="sticky top-12 z-30 flex items-center justify-center gap-2 bg-warn-soft px-4 py-1.5 text-[13px] text-warn">
          <Icon name="alert" size={14} className="shrink-0" />
          Connection lost: the server does not answer. Nothing on this page is lost; links work again as soon as it is
          back.
        </p>
      )}
    </div>
  );
}

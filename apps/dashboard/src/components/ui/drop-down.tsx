'use client';

import { type ReactNode, useEffect, useRef } from 'react';

/** A button that unfolds something below it, until somebody turns elsewhere or presses Escape. */
export function DropDown(props: { readonly button: ReactNode; readonly children: ReactNode }) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const left =
        event instanceof KeyboardEvent ? event.key === 'Escape' : !menu.current?.contains(event.target as Node);
      if (left) menu.current?.removeAttribute('open');
    };
    document.addEventListener('click', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('click', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  return (
    <details ref={menu} className="relative">
      <summary className="button list-none">{props.button}</summary>
      <div className="absolute z-20 mt-1 w-max max-w-[min(340px,calc(100vw-32px))] min-w-52 rounded-lg border border-line bg-raised p-1 shadow-pop sm:right-0">
        {props.children}
      </div>
    </details>
  );
}

'use client';

import { useEffect, useRef } from 'react';

import { Icon } from '@/components/icon';

const FORMATS = [
  ['csv', 'Table', 'CSV'],
  ['json', 'All figures', 'JSON'],
  ['markdown', 'Report', 'Markdown'],
] as const;

/** A run as files, as `rampart report` writes them. */
export function Export({ id }: { readonly id: string }) {
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
      <summary className="button list-none">
        <Icon name="download" size={13} /> Export
      </summary>
      <ul className="absolute z-20 mt-1 min-w-60 rounded-lg border border-line bg-raised p-1 shadow-pop sm:right-0">
        {FORMATS.map(([format, what, name]) => (
          <li key={format}>
            <a
              href={`/api/runs/${id}/report?format=${format}`}
              download
              className="flex items-baseline justify-between gap-6 rounded-md px-2.5 py-1.5 text-[13px] hover:bg-sunken"
            >
              {what} <span className="text-xs text-ink-3">{name}</span>
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}

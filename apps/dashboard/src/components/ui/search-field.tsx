'use client';

import { useEffect, useRef, useState } from 'react';

import { Icon } from '../icon';
import { useSearchState } from '../search-state';

const PAUSE_MS = 200;

/** Searches a list while somebody types; what is searched for is `search` of the address. */
export function SearchField({ label, placeholder }: { readonly label: string; readonly placeholder: string }) {
  const { params, set } = useSearchState();
  const now = params.get('search') ?? '';
  const [text, setText] = useState(now);
  const typed = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(now), [now]);
  // Whoever has gone on to another page is not brought back.
  useEffect(() => () => clearTimeout(typed.current), []);
  return (
    <div className="relative min-w-[200px] flex-1 sm:max-w-xs">
      <Icon
        name="search"
        size={14}
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3"
      />
      <input
        type="search"
        className="field w-full pl-8"
        placeholder={placeholder}
        aria-label={label}
        value={text}
        onChange={(event) => {
          const { value } = event.target;
          setText(value);
          clearTimeout(typed.current);
          typed.current = setTimeout(() => set({ search: value, page: undefined }), PAUSE_MS);
        }}
      />
    </div>
  );
}

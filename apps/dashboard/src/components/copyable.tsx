'use client';

import { useRef, useState } from 'react';

import { Icon } from './icon';

/** A line to be taken to a terminal. */
export function Copyable({ text }: { readonly text: string }) {
  const code = useRef<HTMLElement>(null);
  const [said, setSaid] = useState<string>();
  const copy = async () => {
    let next = 'Copied';
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // A browser lets only pages of https and of its own machine do that.
      window.getSelection()?.selectAllChildren(code.current!);
      next = 'Selected: copy it by the keys';
    }
    setSaid(next);
    setTimeout(() => setSaid(undefined), 2000);
  };
  return (
    <span className="inline-flex max-w-full items-center gap-1 rounded-md border border-line bg-sunken py-0.5 pr-1 pl-2.5">
      <code ref={code} className="min-w-0 overflow-x-auto font-mono text-xs whitespace-nowrap text-ink" tabIndex={0}>
        {text}
      </code>
      <button
        type="button"
        aria-label={said ?? `Copy ${text}`}
        title={said}
        className="grid size-6 shrink-0 place-items-center rounded text-ink-3 hover:bg-surface hover:text-ink"
        onClick={() => void copy()}
      >
        <Icon name={said === undefined ? 'copy' : 'check'} size={13} />
      </button>
    </span>
  );
}

/** An argument as a shell takes it; a variable of the environment stays one. */
export function quoted(argument: string): string {
  if (/^\$\w+$/.test(argument)) return `"${argument}"`;
  return /^[\w./:@%+,=-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

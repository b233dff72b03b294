'use client';

import { useState } from 'react';

import { Icon } from './icon';

/** A line to be taken to a terminal. */
export function Copyable({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <span className="inline-flex max-w-full items-center gap-1 rounded-md border border-line bg-sunken py-0.5 pr-1 pl-2.5">
      <code className="min-w-0 overflow-x-auto font-mono text-xs whitespace-nowrap text-ink" tabIndex={0}>
        {text}
      </code>
      <button
        type="button"
        aria-label={copied ? 'Copied' : `Copy ${text}`}
        className="grid size-6 shrink-0 place-items-center rounded text-ink-3 hover:bg-surface hover:text-ink"
        onClick={() => {
          void navigator.clipboard.writeText(text).then(() => {
            setCopied(true);
            setTimeout(() => setCopied(false), 2000);
          });
        }}
      >
        <Icon name={copied ? 'check' : 'copy'} size={13} />
      </button>
    </span>
  );
}

/** An argument as a shell takes it; a variable of the environment stays one. */
export function quoted(argument: string): string {
  if (/^\$\w+$/.test(argument)) return `"${argument}"`;
  return /^[\w./:@%+,=-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';

import type { Theme } from './theme';
import { ThemeToggle } from './theme-toggle';

const PLACES = [
  { href: '/runs', label: 'Runs' },
  { href: '/leaderboard', label: 'Leaderboard' },
  { href: '/models', label: 'Models' },
  { href: '/compare', label: 'Compare' },
  { href: '/workers', label: 'Workers' },
  { href: '/swap-in', label: 'Swap in', rest: ' a model' },
] as const satisfies readonly { href: string; label: string; rest?: string }[];

export function TopBar({ theme }: { readonly theme: Theme }) {
  const pathname = usePathname();
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-surface/90 backdrop-blur">
      <div className="mx-auto flex h-12 w-full max-w-[1800px] items-center gap-1 px-4 sm:px-6">
        <Link
          href="/runs"
          className="mr-3 flex items-center gap-2 font-semibold tracking-tight"
          aria-label="Rampart, list of runs"
        >
          <Mark />
          <span className="max-sm:hidden">Rampart</span>
        </Link>
        <nav aria-label="Main" className="flex min-w-0 flex-1 items-center gap-0.5 overflow-x-auto">
          {PLACES.map(({ href, label, ...more }) => {
            const here = pathname === href || pathname.startsWith(`${href}/`);
            return (
              <Link
                key={href}
                href={href}
                aria-current={here ? 'page' : undefined}
                className="relative rounded-md px-2.5 py-1.5 text-[13px] font-medium whitespace-nowrap text-ink-2 hover:bg-sunken hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:text-ink"
              >
                {label}
                {'rest' in more && <span className="max-sm:sr-only">{more.rest}</span>}
              </Link>
            );
          })}
        </nav>
        <ThemeToggle theme={theme} />
      </div>
    </header>
  );
}

/** A wall with its battlements. */
function Mark() {
  return (
    <svg aria-hidden="true" width="22" height="22" viewBox="0 0 22 22">
      <rect width="22" height="22" rx="5.5" className="fill-accent" />
      <path d="M4.5 17V6h3v2.4h2V6h3v2.4h2V6h3v11z" className="fill-accent-ink" />
      <path
        d="M4.5 12.6h13M9 12.6v-2.2M13 12.6v-2.2M7 17v-2.2M11 17v-2.2M15 17v-2.2M4.5 14.8h13"
        className="stroke-accent"
        strokeWidth="0.9"
      />
    </svg>
  );
}

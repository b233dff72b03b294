'use client';

import { useState } from 'react';

import { Icon } from './icon';
import { type Theme, THEME_COOKIE, THEMES } from './theme';

const LABELS: Readonly<Record<Theme, string>> = {
  system: 'Theme of the system',
  light: 'Light theme',
  dark: 'Dark theme',
};
const ICONS = { system: 'monitor', light: 'sun', dark: 'moon' } as const;

/** Goes round the three themes; the choice is kept in a cookie, so that the server paints it at once. */
export function ThemeToggle({ theme: initial }: { readonly theme: Theme }) {
  const [theme, setTheme] = useState(initial);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  return (
    <button
      type="button"
      className="grid size-8 place-items-center rounded-md text-ink-2 hover:bg-sunken hover:text-ink"
      aria-label={`${LABELS[theme]}; change to ${LABELS[next].toLowerCase()}`}
      title={LABELS[theme]}
      onClick={() => {
        document.documentElement.dataset['theme'] = next;
        document.cookie = `${THEME_COOKIE}=${next}; path=/; max-age=31536000; samesite=strict`;
        setTheme(next);
      }}
    >
      <Icon name={ICONS[theme]} />
    </button>
  );
}

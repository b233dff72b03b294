import './globals.css';

import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';

import { ApiProvider } from '@/client/trpc';
import { ConnectionLost } from '@/components/connection-lost';
import { StoreNameProvider } from '@/components/store-name';
import { UndoProvider } from '@/components/undo';
import { TopBar } from '@/components/top-bar';
import { readTheme, THEME_COOKIE } from '@/components/theme';
import { VisitorProvider } from '@/components/visitor';
import { storeName } from '@/server/store';
import { visitorIn } from '@/server/token';

export const metadata: Metadata = {
  title: { default: 'Rampart', template: '%s · Rampart' },
  description: 'How well classifiers and their defenses withstand adversarial examples.',
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6f7f9' },
    { media: '(prefers-color-scheme: dark)', color: '#0d1014' },
  ],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const theme = readTheme((await cookies()).get(THEME_COOKIE)?.value);
  // Reading the request makes every page one of its own, so that its scripts carry the nonce of its policy.
  const visitor = visitorIn(await headers());
  return (
    <html lang="en" data-theme={theme}>
      <body>
        <a href="#content" className="button sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50">
          Skip to content
        </a>
        <ApiProvider>
          <VisitorProvider role={visitor?.role ?? 'write'}>
            <UndoProvider>
              <TopBar theme={theme} />
              <ConnectionLost />
              <main
                id="content"
                tabIndex={-1}
                className="mx-auto w-full max-w-[1800px] px-4 pt-5 pb-16 outline-none sm:px-6"
              >
                <StoreNameProvider name={storeName()}>{children}</StoreNameProvider>
              </main>
            </UndoProvider>
          </VisitorProvider>
        </ApiProvider>
      </body>
    </html>
  );
}

import type { Metadata } from 'next';

import { RunLog } from './run-log';

export const metadata: Metadata = { title: 'Log' };

export default async function LogPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  return <RunLog id={(await params).id} />;
}

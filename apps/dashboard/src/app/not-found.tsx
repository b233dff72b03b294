import type { Metadata } from 'next';

import { FailureView } from '@/components/ui/failure';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return <FailureView code="NOT_FOUND" message="There is no page at this address." />;
}

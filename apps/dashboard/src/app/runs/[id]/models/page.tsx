import type { Metadata } from 'next';

import { ModelTable } from '@/components/model/model-table';
import { Empty } from '@/components/ui/empty';
import { attempt, caller } from '@/server/api';

import { RunFailure } from '../run-failure';

export const metadata: Metadata = { title: 'Models' };

export default async function RunModelsPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { id } = await params;
  const loaded = await attempt(async () => (await caller()).models.ofRun({ id }));
  if ('failure' in loaded) return <RunFailure {...loaded.failure} />;
  if (loaded.data.length === 0) {
    return (
      <Empty icon="clock" title="No models yet">
        A model appears here as soon as it is trained.
      </Empty>
    );
  }
  return <ModelTable models={loaded.data} />;
}

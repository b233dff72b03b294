import type { StepRecord, Store } from '@rampart/results';

import type { CertifyOutput } from '../steps/outputs';

/** Writes what a certify step found out among the figures of a run; nothing of a model of which nothing is certain. */
export async function publishCertificate(
  store: Pick<Store, 'certificates' | 'findings'>,
  {
    position,
    ...place
  }: { readonly runId: string; readonly seed: number; readonly model: string; readonly position: number },
  record: StepRecord,
): Promise<void> {
  const { certificate, findings = [] } = record.output as CertifyOutput;
  if (!certificate) return;
  const step = record.key;
  for (const before of await store.certificates.ofRun(place.runId)) {
    const same = before.model === place.model && before.seed === place.seed;
    if (same && before.step !== step) await store.findings.put({ ...place, step: before.step }, [], position);
  }
  await store.certificates.put({ ...place, ...certificate, step }, position);
  const found = findings.map((finding) => ({ ...place, step, mode: 'adaptive' as const, ...finding }));
  await store.findings.put({ ...place, step }, found, position);
}

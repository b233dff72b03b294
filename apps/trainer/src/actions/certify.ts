import { certifyRun } from '@rampart/experiments';

import { onStore } from '../on-store';
import { certificationText } from '../report/certification-text';
import { withStoredFiles } from '../with-stored-files';

export interface CertifyArguments {
  readonly samples: number;
  readonly selection: number;
  readonly alpha: number;
  readonly limit?: number;
  readonly store: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** `rampart certify`: what it finds is kept among the run's figures. */
export async function certify(id: string, { store: directory, json, ...options }: CertifyArguments): Promise<void> {
  const command = { doing: 'certifying', stopped: 'Stopped. What was certified is kept.', writes: true } as const;
  await onStore({ directory, ...command }, async (store, signal, loading) => {
    const run = await store.runs.get(id);
    const experiment = await withStoredFiles(run.experiment, store.artifacts);
    const certifications = await certifyRun(
      store,
      { ...run, experiment },
      {
        ...{ ...options, signal },
        onProgress: (progress) => loading.progress(progress),
      },
    );
    loading.close();
    const { samples, selection, alpha } = options;
    if (json)
      process.stdout.write(`${JSON.stringify({ run: run.id, samples, selection, alpha, certifications }, null, 2)}\n`);
    else process.stdout.write(certificationText(certifications, run, options));
  });
}

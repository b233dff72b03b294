import { RampartError } from '@rampart/core';
import { formatReport, PLAIN, type ReportFormat } from '@rampart/reports';
import { openStore, shownLocation } from '@rampart/results';

import { EXIT_FAILED, ExitCode } from '../exit-code';
import { terminal } from '../terminal';
import { damageText } from '../report/store-verification-text';
import { writeWhole } from '../report/write-report';

/** `rampart report`. */
export async function report(
  id: string,
  options: { store: string; format: ReportFormat; out?: string },
): Promise<void> {
  const store = await openStore(options.store, { readOnly: true });
  try {
    const run = await store.runs.find(id);
    if (!run) {
      const { runs } = await store.runs.list({ limit: 5 });
      const known = runs.map((item) => item.id).join(', ') || 'none';
      throw new RampartError({
        code: 'usage',
        message: `There is no run "${id}" in ${shownLocation(options.store)}. The newest: ${known}.`,
      });
    }
    const damage = await store.verifier.verifyRun(run.id);
    const shown = options.out === undefined ? terminal() : PLAIN;
    const text = await formatReport(store, run, options.format, shown);
    if (options.out === undefined) process.stdout.write(text);
    else await writeWhole(options.out, text);
    if (damage.length === 0) return;
    process.stderr.write(damageText(damage));
    throw new ExitCode(EXIT_FAILED);
  } finally {
    await store.close();
  }
}

import { RampartError } from '@rampart/core';
import { formatReport, PLAIN, type ReportFormat } from '@rampart/reports';
import { openStore, shownLocation } from '@rampart/results';

import { EXIT_FAILED, ExitCode } from '../exit-code';
import { refuseExisting } from '../export/write-new';
import { writeSite } from '../export/write-site';
import { terminal } from '../terminal';
import { damageText } from '../report/store-verification-text';
import { writeWhole } from '../report/write-report';

export interface ReportArguments {
  readonly store: string;
  /** `site` is a folder of pages. */
  readonly format: ReportFormat | 'site';
  readonly out?: string;
  /** Attacked samples that a site has pages of. */
  readonly examples?: number;
}

const EXAMPLES = 24;

/** `rampart report`. */
export async function report(id: string, { format, out, ...options }: ReportArguments): Promise<void> {
  if (format === 'site' && out === undefined) {
    throw new RampartError({
      code: 'usage',
      message: 'A site is a folder of pages. Name one that does not exist yet: --format site --out FOLDER.',
    });
  }
  if (format !== 'site' && options.examples !== undefined) {
    throw new RampartError({
      code: 'usage',
      message: `--examples says how many samples have a page of a site. Leave it out, or make one in place of "${format}": --format site --out FOLDER.`,
    });
  }
  if (format === 'site') await refuseExisting(out!, '--out');
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
    if (format === 'site') {
      await writeSite(out!, store, run, { examples: options.examples ?? EXAMPLES });
    } else {
      const text = await formatReport(store, run, format, out === undefined ? terminal() : PLAIN);
      if (out === undefined) process.stdout.write(text);
      else await writeWhole(out, text);
    }
    if (damage.length === 0) return;
    process.stderr.write(damageText(damage));
    throw new ExitCode(EXIT_FAILED);
  } finally {
    await store.close();
  }
}

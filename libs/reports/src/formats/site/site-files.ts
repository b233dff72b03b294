import type { RunRecord, Store } from '@rampart/results';

import { readExamples } from '../../report/examples';
import { readReport } from '../../report/read-report';

/** A file of a site, in a folder that is the site's own. */
export interface SiteFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

export interface SiteOptions {
  /** Attacked test samples that have pages of their own, at most. */
  readonly examples: number;
}

/**
 * A run as pages that open from disk: no server, no script, links to each other alone. Pictures and sounds are files of
 * their own, each once.
 */
export async function siteFiles(store: Store, run: RunRecord, { examples }: SiteOptions): Promise<SiteFile[]> {
  const report = await readReport(store, run);
  // React and the charts are loaded only by whoever wants pages.
  const { sitePages } = await import('./site-pages.js');
  return sitePages(report, await readExamples(store, run, examples));
}

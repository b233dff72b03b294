import { formatReport } from '@rampart/reports';
import type { Store } from '@rampart/results';

import { reportPage } from './report-page';
import { existing } from './runs-router';

/** A file to be handed out. */
export interface ReportFile {
  /** With its extension. */
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

const FILES = {
  html: ['html', 'text/html'],
  markdown: ['md', 'text/markdown'],
  csv: ['csv', 'text/csv'],
  json: ['json', 'application/json'],
} as const;

export type FileFormat = keyof typeof FILES;

export function isReportFormat(format: string): format is FileFormat {
  return Object.hasOwn(FILES, format);
}

/**
 * The report of a run as `rampart report` writes it.
 * @throws TRPCError `NOT_FOUND` where there is no such run
 */
export async function reportFile(store: Store, id: string, format: FileFormat): Promise<ReportFile> {
  const run = await existing(store, id);
  const [extension, type] = FILES[format];
  const text = format === 'html' ? await reportPage(store, run.id) : await formatReport(store, run, format);
  const name = `${run.name.replace(/[^\w.-]+/g, '-').replace(/^[-.]+/, '') || 'run'}-${run.id.slice(-6)}.${extension}`;
  return { name, type: `${type}; charset=utf-8`, text };
}

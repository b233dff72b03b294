import { formatReport, REPORT_FORMATS, type ReportFormat } from '@rampart/reports';
import type { Store } from '@rampart/results';

import { existing } from './runs-router';

/** A file to be handed out. */
export interface ReportFile {
  /** With its extension. */
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

const FILES: Readonly<Record<ReportFormat, readonly [extension: string, type: string]>> = {
  text: ['txt', 'text/plain'],
  markdown: ['md', 'text/markdown'],
  csv: ['csv', 'text/csv'],
  json: ['json', 'application/json'],
  html: ['html', 'text/html'],
};

export function isReportFormat(format: string): format is ReportFormat {
  return (REPORT_FORMATS as readonly string[]).includes(format);
}

/**
 * The report of a run as `rampart report` writes it.
 * @throws TRPCError `NOT_FOUND` where there is no such run
 */
export async function reportFile(store: Store, id: string, format: ReportFormat): Promise<ReportFile> {
  const run = await existing(store, id);
  const [extension, type] = FILES[format];
  const name = `${run.name.replace(/[^\w.-]+/g, '-').replace(/^[-.]+/, '') || 'run'}-${run.id.slice(-6)}.${extension}`;
  return { name, type: `${type}; charset=utf-8`, text: await formatReport(store, run, format) };
}

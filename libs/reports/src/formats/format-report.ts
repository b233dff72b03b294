import { visible } from '@rampart/core';
import type { RunRecord, Store } from '@rampart/results';

import { readReport, type Report } from '../report/read-report';
import { readSamples } from '../report/samples';
import { reportCsv } from './csv';
import { reportMarkdown } from './markdown';
import { PLAIN, type Terminal, visibleInColour } from './terminal';
import { reportText } from './text';

export const REPORT_FORMATS = ['text', 'markdown', 'csv', 'json', 'html'] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

/**
 * A run's report in one of its formats. Control characters of old names are shown, not obeyed.
 * @param terminal what the format `text` is for
 */
export async function formatReport(
  store: Store,
  run: RunRecord,
  format: ReportFormat,
  terminal: Terminal = PLAIN,
): Promise<string> {
  const report = await readReport(store, run);
  const text = format === 'text' ? reportText(report, terminal) : await formatted(store, report, format);
  return terminal.colour ? visibleInColour(text) : visible(text);
}

async function formatted(store: Store, report: Report, format: Exclude<ReportFormat, 'text'>): Promise<string> {
  switch (format) {
    case 'markdown':
      return reportMarkdown(report);
    case 'csv':
      return reportCsv(report);
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'html': {
      // React and the charts are loaded only by whoever wants a page.
      const { reportHtml } = await import('./html/report-html.js');
      return reportHtml(report, await readSamples(store, report.run));
    }
  }
}

import { visible } from '@rampart/core';
import type { RunRecord, Store } from '@rampart/results';

import { readReport } from '../report/read-report';
import { readSamples } from '../report/samples';
import { reportCsv } from './csv';
import { reportMarkdown } from './markdown';
import { reportText } from './text';

export const REPORT_FORMATS = ['text', 'markdown', 'csv', 'json', 'html'] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A run's report in one of its formats. Control characters of old names are shown, not obeyed. */
export async function formatReport(store: Store, run: RunRecord, format: ReportFormat): Promise<string> {
  return visible(await formatted(store, run, format));
}

async function formatted(store: Store, run: RunRecord, format: ReportFormat): Promise<string> {
  const report = await readReport(store, run);
  switch (format) {
    case 'text':
      return reportText(report);
    case 'markdown':
      return reportMarkdown(report);
    case 'csv':
      return reportCsv(report);
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'html': {
      // React and the charts are loaded only by whoever wants a page.
      const { reportHtml } = await import('./html/report-html.js');
      return reportHtml(report, await readSamples(store, run));
    }
  }
}

import path from 'node:path';
import { Worker } from 'node:worker_threads';

import { RampartError } from '@rampart/core';
import type { Store } from '@rampart/results';

export interface ReportPageRequest {
  /** The store, as `openStore` takes it. */
  readonly location: string;
  /** The run. */
  readonly id: string;
}

export type ReportPageReply = { readonly text: string } | { readonly failure: string };

/** The thread's file. What bundles this one moves it away from there, and has to say where it is: see `serve.cjs`. */
const THREAD = process.env['RAMPART_REPORT_THREAD'] ?? path.join(__dirname, 'report-page.thread.js');

/**
 * A run's report as a page. It is drawn by React, of which a server of pages has one of its own for everything that it
 * loads: this one is drawn in a thread, which has its own modules.
 * @throws RampartError `unavailable` when it cannot be drawn
 */
export async function reportPage({ location }: Store, id: string): Promise<string> {
  const request: ReportPageRequest = { location, id };
  // What this process was started with is about it alone.
  const thread = new Worker(THREAD, { workerData: request, execArgv: [] });
  const reply = await new Promise<ReportPageReply>((resolve) => {
    thread.once('message', resolve);
    thread.once('error', (error) => resolve({ failure: error.message }));
    thread.once('exit', (code) => resolve({ failure: `Its thread ended with code ${code}.` }));
  });
  if ('text' in reply) return reply.text;
  throw new RampartError({
    code: 'unavailable',
    message: `The report could not be drawn as a page: ${reply.failure} "rampart report ${id} --format html" draws it too.`,
  });
}

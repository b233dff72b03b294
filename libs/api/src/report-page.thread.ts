import { parentPort, workerData } from 'node:worker_threads';

import { messageOf } from '@rampart/core';
import { formatReport } from '@rampart/reports';
import { openStore } from '@rampart/results';

import type { ReportPageReply, ReportPageRequest } from './report-page';

async function page({ location, id }: ReportPageRequest): Promise<ReportPageReply> {
  const store = await openStore(location, { readOnly: true });
  try {
    return { text: await formatReport(store, await store.runs.get(id), 'html') };
  } catch (error) {
    return { failure: messageOf(error) };
  } finally {
    await store.close();
  }
}

void page(workerData as ReportPageRequest).then((reply) => parentPort!.postMessage(reply));

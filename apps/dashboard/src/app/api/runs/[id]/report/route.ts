import { isReportFormat, reportFile } from '@rampart/api';

import { attempt } from '@/server/api';
import { store } from '@/server/store';

/** A run's report as a file. */
export async function GET(request: Request, { params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { id } = await params;
  const format = new URL(request.url).searchParams.get('format') ?? 'json';
  if (!isReportFormat(format)) return said(`There is no report of the format "${format}".`, 400);
  const made = await attempt(async () => reportFile(await store(), id, format));
  if ('failure' in made) return said(made.failure.message, made.failure.code === 'NOT_FOUND' ? 404 : 503);
  const { name, type, text } = made.data;
  return new Response(text, {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
  });
}

function said(text: string, status: number): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

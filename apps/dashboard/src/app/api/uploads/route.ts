import { LOCAL, MAY_NOT_WRITE, receiveModel, UPLOAD_LIMIT, withoutPaths } from '@rampart/api';
import { type NextRequest, NextResponse } from 'next/server';

import { refusal } from '@/server/security';
import { store } from '@/server/store';
import { admit } from '@/server/token';

/**
 * Takes a model file. The body is the file itself, read as it arrives; this address is not behind the proxy, which
 * would hold it in memory, so what the proxy checks is checked here.
 */
export async function POST(request: NextRequest): Promise<NextResponse> {
  const refused = refusal(request.headers, request.method);
  if (refused) return answer(403, { message: refused });
  const admission = await admit(request);
  if ('answer' in admission) return admission.answer;
  const { name, role } = admission.visitor ?? LOCAL;
  if (role !== 'write') return answer(403, { message: MAY_NOT_WRITE });
  if (request.headers.get('content-type') !== 'application/octet-stream') {
    return answer(415, { message: 'Send the file as application/octet-stream.' });
  }
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > UPLOAD_LIMIT) {
    return answer(413, { message: `The file is larger than ${UPLOAD_LIMIT / 2 ** 20} MiB, the most that is taken.` });
  }
  if (!request.body) return answer(400, { message: 'The file is empty.' });
  try {
    const opened = await store();
    const { checksum, bytes } = await receiveModel(opened, pieces(request.body));
    await opened.writes.note({ author: name, action: 'upload', subject: checksum });
    return answer(201, { artifact: checksum, bytes });
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    if (code === 'bad-data') return answer(/larger/.test(message ?? '') ? 413 : 422, { message });
    if (code === 'store' || code === 'damaged' || code === 'unavailable')
      return answer(503, { message: withoutPaths(message ?? '') });
    console.error(error);
    return answer(500, { message: 'The upload failed.' });
  }
}

async function* pieces(body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Whoever stops reading does not want the rest.
    await reader.cancel().catch(() => undefined);
  }
}

function answer(status: number, body: object): NextResponse {
  return NextResponse.json(body, {
    status,
    headers: { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' },
  });
}

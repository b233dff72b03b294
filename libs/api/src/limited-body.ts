/** Bytes of a request's body at most: every procedure takes a few short texts. */
export const BODY_LIMIT = 64 * 2 ** 10;

/** The request with its body read, or the answer to one that is too large: nothing beyond the limit is read. */
export async function limited(request: Request): Promise<Request | Response> {
  if (!request.body) return request;
  const pieces: Uint8Array[] = [];
  let bytes = Number(request.headers.get('content-length') ?? 0);
  if (bytes > BODY_LIMIT) return tooLarge();
  bytes = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > BODY_LIMIT) {
      await reader.cancel().catch(() => undefined);
      return tooLarge();
    }
    pieces.push(value);
  }
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, signal, body: Buffer.concat(pieces) });
}

function tooLarge(): Response {
  const message = `The request is larger than ${BODY_LIMIT / 2 ** 10} KiB, the most that is taken here.`;
  return Response.json({ error: { message } }, { status: 413 });
}

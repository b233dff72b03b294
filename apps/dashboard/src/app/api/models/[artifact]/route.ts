import { hardenedFileOf, withoutPaths } from '@rampart/api';
import { NextResponse } from 'next/server';

import { store } from '@/server/store';

/** A model as an ONNX file; with `?form=original` as the file that it was hardened from has it. */
export async function GET(request: Request, context: { readonly params: Promise<{ readonly artifact: string }> }) {
  const { artifact } = await context.params;
  if (!/^[0-9a-f]{64}$/.test(artifact)) return new NextResponse('No such model.', { status: 404 });
  const opened = await store();
  const { models, artifacts } = opened;
  const [model] = await models.ofArtifact(artifact);
  if (!model) return new NextResponse('No such model.', { status: 404 });
  const original = new URL(request.url).searchParams.get('form') === 'original';
  const checksum = original ? (await hardenedFileOf(opened, artifact))?.file : artifact;
  if (checksum === undefined) return new NextResponse('It is not written yet.', { status: 404 });
  const name = `${model.label.replace(/[^A-Za-z0-9.=-]+/g, '_').replace(/^_+|_+$/g, '')}-seed${model.seed}${original ? '-hardened' : ''}.onnx`;
  try {
    const bytes = await artifacts.read({ checksum, extension: 'onnx' });
    return new NextResponse(bytes as Uint8Array<ArrayBuffer>, {
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(bytes.byteLength),
        'content-disposition': `attachment; filename="${name}"`,
        // What the address names by its SHA-256 never changes; what was written of it may be written again.
        'cache-control': original ? 'no-store' : 'private, max-age=31536000, immutable',
      },
    });
  } catch (error) {
    // What is at this address is not what the address says, or cannot be read.
    return new NextResponse(withoutPaths(String((error as Error).message)), {
      status: 503,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    });
  }
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';

import { NextResponse } from 'next/server';

import { store } from '@/server/store';

/** A model as an ONNX file. */
export async function GET(_request: Request, context: { readonly params: Promise<{ readonly artifact: string }> }) {
  const { artifact } = await context.params;
  if (!/^[0-9a-f]{64}$/.test(artifact)) return new NextResponse('No such model.', { status: 404 });
  const { models, artifacts } = await store();
  const [model] = await models.ofArtifact(artifact);
  const file = artifacts.path({ checksum: artifact, extension: 'onnx' });
  const size = model && (await stat(file).catch(() => undefined))?.size;
  if (!model || size === undefined) return new NextResponse('No such model.', { status: 404 });
  const name = `${model.label.replace(/[^A-Za-z0-9.=-]+/g, '_').replace(/^_+|_+$/g, '')}-seed${model.seed}.onnx`;
  return new NextResponse(Readable.toWeb(createReadStream(file)) as ReadableStream, {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(size),
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'private, max-age=31536000, immutable',
    },
  });
}

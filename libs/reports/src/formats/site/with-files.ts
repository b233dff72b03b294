import { checksum } from '@rampart/core';

import type { SiteFile } from './site-files';

const DATA_URI = /data:(image\/png|audio\/wav);base64,([\w+/]+=*)/g;
const EXTENSIONS: Readonly<Record<string, string>> = { 'image/png': 'png', 'audio/wav': 'wav' };

/** Digits of a checksum that tell the files of one site apart. */
const DIGITS = 20;

/** Takes what is inside of pages out of them: pictures and sounds become files, the same one once. */
export function withFiles(pages: readonly (SiteFile & { readonly content: string })[]): SiteFile[] {
  const files = new Map<string, Uint8Array>();
  const lean = pages.map(({ path, content }) => ({
    path,
    content: content.replaceAll(DATA_URI, (_, type: string, base64: string) => {
      const bytes = Buffer.from(base64, 'base64');
      const file = `files/${checksum(bytes).slice(0, DIGITS)}.${EXTENSIONS[type]}`;
      files.set(file, bytes);
      return '../'.repeat(path.split('/').length - 1) + file;
    }),
  }));
  return [...lean, ...[...files].map(([path, content]) => ({ path, content }))];
}

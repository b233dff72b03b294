import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { decodeNpy, parseComponent, Registry } from '@rampart/core';
import { describeDataset } from '@rampart/testing';
import sharp from 'sharp';

import { mutants, readAll } from './damaged.kit';
import { decodeImage } from './decode-image';
import { imageFolder } from './image-folder';
import { centreCrop, type Interpolation, resizeShorter } from './resample';

const FIXTURES = join(__dirname, '../fixtures/images');
const FILES = [
  'colour.png',
  'wide.png',
  'grey.png',
  'clear.png',
  'palette.png',
  'small.png',
  'photo.jpg',
  'lossless.webp',
];

const root = mkdtempSync(join(tmpdir(), 'images-'));
afterAll(() => rmSync(root, { recursive: true }));

const load = (dataDir: string, text: string) => {
  const { definition, params } = new Registry('dataset', [imageFolder]).resolve(parseComponent(text));
  return definition.load(params, { dataDir });
};

function folder(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, name, file);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string' && FILES.includes(content)) cpSync(join(FIXTURES, content), path);
    else writeFileSync(path, content);
  }
  return join(root, name);
}

const plain = folder('plain', {
  'train/cat/a.png': 'colour.png',
  'train/dog/b.PNG': 'clear.png',
  'train/dog/more/c.jpeg': 'photo.jpg',
  'val/cat/a.png': 'wide.png',
  'val/dog/b.webp': 'lossless.webp',
  'val/dog/notes.txt': 'no image',
});
describeDataset(imageFolder, { dataDir: plain, params: { resize: 20, crop: 16 } });

const expectedOf = (kind: string) => decodeNpy(readFileSync(join(FIXTURES, `expected-${kind}.npy`)));

describe('image-folder', () => {
  it.each([
    ['bilinear', 20, 16, 'bilinear'],
    ['bicubic', 20, 16, 'bicubic'],
    ['small', 8, 12, 'bilinear'],
  ] as const)(
    'resizes and crops as torchvision does: %s',
    async (kind, shorter, crop, interpolation: Interpolation) => {
      const { data } = expectedOf(kind);
      const size = crop * crop * 3;
      for (const [place, name] of FILES.entries()) {
        const image = await decodeImage(readFileSync(join(FIXTURES, name)), name, 'rgb');
        const made = centreCrop(resizeShorter(image, shorter, interpolation), crop).data;
        const expected = data.slice(place * size, (place + 1) * size) as Uint8Array;
        // Decoders of JPEG may differ in the last bit; everything else is the same to the byte.
        const tolerance = name.endsWith('.jpg') ? 2 : 0;
        const apart = made.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k]!)), 0);
        expect({ name, apart: Math.max(0, apart - tolerance) }).toEqual({ name, apart: 0 });
      }
    },
  );

  it('has the classes of the folders in the order of their names, and channel after channel', async () => {
    const { classes, shape, test, train } = await load(plain, 'image-folder(resize=20, crop=16)');
    expect(classes).toEqual(['cat', 'dog']);
    expect(shape).toEqual({ channels: 3, height: 16, width: 16 });
    expect([...train.labels]).toEqual([0, 1, 1]);
    const { data } = expectedOf('bilinear');
    const wide = data.slice(768, 2 * 768) as Uint8Array;
    expect(test.images.data[256 + 17]).toBe(Math.fround(wide[17 * 3 + 1]! / 255 - 0.5));
  });

  it('reads a CSV of files and labels, and names from a file', async () => {
    const listed = folder('listed', {
      'a.png': 'colour.png',
      'b/c.png': 'wide.png',
      'labels.csv': 'file,label,split\na.png,7,test\nb/c.png,2,test\na.png,2,train\n',
      'names.json': JSON.stringify(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i, `n${i}`]))),
    });
    const text = 'image-folder(labels=labels.csv, resize=20, crop=16, colour=grey';
    const { classes, own, test, shape, train } = await load(listed, `${text})`);
    expect({ classes, own: own!.labels, channels: shape.channels }).toEqual({
      classes: ['2', '7'],
      own: [2, 7],
      channels: 1,
    });
    expect([...test.labels, ...train.labels]).toEqual([1, 0, 0]);
    const named = await load(listed, `${text}, names=names.json)`);
    expect(named.classes).toHaveLength(8);
    expect([...named.test.labels]).toEqual([7, 2]);
    expect(named.note).toContain('no sample of the classes n0, n1, n3, n4, n5, n6 among the test data');
  });

  it('refuses sizes that differ, a class without a name, and a folder without images', async () => {
    await expect(load(plain, 'image-folder')).rejects.toThrow('set resize and crop, such as resize=256, crop=224');
    await expect(load(plain, 'image-folder(resize=20, crop=16, names=[cat, cow])')).rejects.toThrow(
      'expected one of the 2 classes that are named. Received "dog"',
    );
    await expect(load(folder('bare', { 'x/a.txt': '' }), 'image-folder')).rejects.toThrow('Received none for testing');
    await expect(load(root, 'image-folder(path=missing)')).rejects.toMatchObject({ code: 'missing' });
  });

  it.each(['colour.png', 'palette.png', 'photo.jpg', 'lossless.webp'])(
    'gives one clear error for a damaged %s, and never hangs',
    async (name) => {
      const { refused } = await readAll(mutants(readFileSync(join(FIXTURES, name)), 200), (bytes) =>
        decodeImage(bytes, name, 'rgb'),
      );
      expect(refused).toBeGreaterThan(40);
    },
  );

  it('refuses an image that claims more pixels than there is memory for', async () => {
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    bytes.writeUInt32BE(60_000, 16);
    bytes.writeUInt32BE(60_000, 20);
    await expect(decodeImage(bytes, 'huge.png', 'rgb')).rejects.toMatchObject({ code: 'bad-data' });
  });
});

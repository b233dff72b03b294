import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { knownPreprocess } from './known-preprocess';
import { formatPreprocess } from './preprocess';

const folder = mkdtempSync(join(tmpdir(), 'known-'));
afterAll(() => rmSync(folder, { recursive: true }));

const IMAGENET = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };

const read = (file: string | undefined, content: unknown, metadata: Readonly<Record<string, string>> = {}) => {
  const path = join(folder, 'model.onnx');
  for (const name of ['preprocessor_config.json', 'config.json']) rmSync(join(folder, name), { force: true });
  if (file) writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  const known = knownPreprocess(path, new Map(Object.entries(metadata)));
  return known && [formatPreprocess(known.preprocess), known.from];
};

describe('what is known of the preprocessing', () => {
  it.each([
    [
      { ...IMAGENET, do_rescale: true, rescale_factor: 0.00392156862745098 },
      'range=0..1 mean=0.485,0.456,0.406 std=0.229,0.224,0.225',
    ],
    [{ ...IMAGENET, do_normalize: true }, 'range=0..1 mean=0.485,0.456,0.406 std=0.229,0.224,0.225'],
    [{ ...IMAGENET, do_normalize: false }, 'range=0..1'],
    [{ do_rescale: true, rescale_factor: 1 / 127.5, rescale_offset: true }, 'range=-1..1'],
    [{ do_rescale: false, do_normalize: false }, 'range=0..255'],
  ])('is read from preprocessor_config.json: %j', (config, expected) => {
    expect(read('preprocessor_config.json', config)).toEqual([expected, 'preprocessor_config.json']);
  });

  it("is read from timm's config.json", () => {
    const config = { architecture: 'resnet18', pretrained_cfg: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } };
    expect(read('config.json', config)).toEqual(['range=0..1 mean=0.5,0.5,0.5 std=0.5,0.5,0.5', 'config.json']);
  });

  it("is read from the file's own entries", () => {
    const entries = { 'Image.NominalPixelRange': 'NominalRange_0_255', 'Image.BitmapPixelFormat': 'Bgr8' };
    expect(read(undefined, '', entries)?.[0]).toBe('range=0..255 order=bgr');
  });

  it('is nothing where nobody wrote it down, or another file has the name', () => {
    expect(read(undefined, '')).toBeUndefined();
    expect(read('config.json', { model_type: 'bert' })).toBeUndefined();
    expect(read('config.json', '{')).toBeUndefined();
    expect(read('preprocessor_config.json', { feature_size: 80 })).toBeUndefined();
    expect(read('config.json', '[]')).toBeUndefined();
  });
});

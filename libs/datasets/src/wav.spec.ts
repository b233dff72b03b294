import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { parseComponent, Registry, Rng } from '@rampart/core';
import { describeDataset } from '@rampart/testing';
import { WaveFile } from 'wavefile';

import { mutants, readAll } from './damaged.kit';
import { decodeWav } from './decode-wav';
import { wav } from './wav';

const FIXTURES = join(__dirname, '../fixtures/sound');
const root = mkdtempSync(join(tmpdir(), 'wav-'));
afterAll(() => rmSync(root, { recursive: true }));

const load = (dataDir: string, text = 'wav') => {
  const { definition, params } = new Registry('dataset', [wav]).resolve(parseComponent(text));
  return definition.load(params, { dataDir });
};

function folder(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, name, file);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string') cpSync(join(FIXTURES, content), path);
    else writeFileSync(path, content);
  }
  return join(root, name);
}

function noise(name: string, samples: number, rate = 8000): Uint8Array {
  const rng = Rng.root(name);
  const file = new WaveFile();
  file.fromScratch(
    1,
    rate,
    '16',
    Array.from({ length: samples }, () => rng.integer(65_536) - 32_768),
  );
  return file.toBuffer();
}

const plain = folder('plain', {
  'train/yes/a.wav': noise('a', 100),
  'train/no/b.wav': noise('b', 100),
  'test/yes/c.wav': noise('c', 100),
  'test/no/d.wav': noise('d', 100),
});
describeDataset(wav, { dataDir: plain });

/** What the fixtures hold: 440 Hz at half of full scale. */
const wave = (k: number) => 0.5 * Math.sin((2 * Math.PI * 440 * k) / 8000);

describe('wav', () => {
  it.each([
    ['int16', 2 ** -15],
    ['uint8', 2 ** -7],
    ['int32', 2 ** -24],
    ['float32', 2 ** -24],
  ])('reads %s as amplitudes from -1 to 1', (name, step) => {
    const { rate, channels } = decodeWav(readFileSync(join(FIXTURES, `${name}.wav`)), name);
    expect({ rate, channels: channels.length, length: channels[0]!.length }).toEqual({
      rate: 8000,
      channels: 1,
      length: 400,
    });
    channels[0]!.forEach((value, k) => expect(Math.abs(value - wave(k))).toBeLessThanOrEqual(step + 1e-7));
  });

  it.each(['8a', '8m'])('reads compressed samples: %s', (bitDepth) => {
    const file = new WaveFile(new Uint8Array(readFileSync(join(FIXTURES, 'int16.wav'))));
    if (bitDepth === '8a') file.toALaw();
    else file.toMuLaw();
    const { channels } = decodeWav(file.toBuffer(), 'compressed');
    const values = channels[0]!.subarray(50, 350);
    values.forEach((value, k) => expect(Math.abs(value - wave(k + 50))).toBeLessThan(0.05));
  });

  it('refuses ADPCM, which loses too much to be attacked', () => {
    const file = new WaveFile(new Uint8Array(readFileSync(join(FIXTURES, 'int16.wav'))));
    file.toIMAADPCM();
    expect(() => decodeWav(file.toBuffer(), 'a.wav')).toThrow('its samples are ADPCM: save it as PCM');
  });

  it('has one channel, the mean, or all of them', async () => {
    const stereo = folder('stereo', { 'a/x.wav': 'stereo.wav', 'b/x.wav': 'stereo.wav' });
    const mono = await load(stereo);
    expect(mono.shape.dims).toEqual([1, 400]);
    expect(mono.test.images.data[9]).toBeCloseTo(wave(9) / 4, 3);
    const both = await load(stereo, 'wav(channels=all)');
    expect(both.shape.dims).toEqual([2, 400]);
    expect(both.test.images.data[409]).toBeCloseTo(-wave(9) / 2, 3);
    expect(both.samples).toEqual({ kind: 'sound', rate: 8000 });
  });

  it('cuts sounds or ends them in silence where it is told their length, and refuses lengths that differ', async () => {
    const several = folder('several', { 'a/x.wav': noise('x', 100), 'b/y.wav': noise('y', 60) });
    await expect(load(several)).rejects.toThrow('expected sounds of 100 samples, as the first one. Received 60');
    const { test, shape } = await load(several, 'wav(samples=80)');
    expect(shape.dims).toEqual([1, 80]);
    expect(new Set(test.images.data.subarray(140))).toEqual(new Set([0]));
  });

  it('refuses sounds of another rate', async () => {
    const rates = folder('rates', { 'a/x.wav': noise('x', 100), 'b/y.wav': noise('y', 100, 16_000) });
    await expect(load(rates)).rejects.toThrow('8000 samples a second, as the first one. Received 16000: resample it');
  });

  it('gives one clear error for a damaged file, cut short or of other parts, and never hangs', async () => {
    for (const name of ['int16', 'float32', 'stereo']) {
      const bytes = readFileSync(join(FIXTURES, `${name}.wav`));
      const { refused } = await readAll(mutants(bytes, 300), (mutant) => decodeWav(mutant, name));
      expect(refused).toBeGreaterThan(100);
    }
  });
});

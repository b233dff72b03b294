import { PNG } from 'pngjs';
import { WaveFile } from 'wavefile';

import { listedSound, soundOf } from './shown-sound';

const RATE = 8000;
const tone = (pitch: number, loud: number, length = 2000) =>
  Float32Array.from({ length }, (_, k) => loud * Math.sin((2 * Math.PI * pitch * k) / RATE));
const bytesOf = (uri: string) => Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64');

describe('a sound that is shown', () => {
  const original = tone(1000, 0.5);
  const noise = tone(3000, 0.01);
  const adversarial = original.map((value, k) => value + noise[k]!);
  const shown = soundOf(RATE, 1, original, adversarial);

  it('has a wave between the least and the greatest amplitude of each part', () => {
    expect(shown.original.wave).toHaveLength(320);
    for (let part = 0; part < 160; part++) {
      const [low, high] = [shown.original.wave[2 * part]!, shown.original.wave[2 * part + 1]!];
      expect(low).toBeLessThan(-0.3);
      expect(high).toBeGreaterThan(0.3);
    }
    expect(shown.seconds).toBe(0.25);
  });

  it.each([
    ['original', 1000],
    ['change', 3000],
  ] as const)('has a spectrogram whose darkest row is the pitch: %s', (which, pitch) => {
    const { width, height, data } = PNG.sync.read(bytesOf(shown[which].spectrogram));
    const column = Math.floor(width / 2);
    const shades = Array.from({ length: height }, (_, y) => data[(y * width + column) * 4]!);
    const darkest = height - 1 - shades.indexOf(Math.min(...shades));
    expect(darkest).toBe(Math.round((pitch / (RATE / 2)) * height));
  });

  it('plays what it is, and the change as loud as it can be', () => {
    const read = (uri: string) => {
      const file = new WaveFile(new Uint8Array(bytesOf(uri)));
      expect((file.fmt as { sampleRate: number }).sampleRate).toBe(RATE);
      return Array.from(file.getSamples(true, Int16Array) as unknown as Int16Array, (value) => value / 32768);
    };
    read(shown.adversarial.audio!).forEach((value, k) => expect(Math.abs(value - adversarial[k]!)).toBeLessThan(1e-4));
    expect(shown.scale).toBeCloseTo(0.01, 4);
    expect(Math.max(...read(shown.change.audio!))).toBeGreaterThan(0.99);
  });

  it('is not heard in a list where it is long', () => {
    expect(listedSound(shown)).toBe(shown);
    const long = soundOf(RATE, 1, new Float32Array(3 * RATE), new Float32Array(3 * RATE));
    const { original: view } = listedSound(long);
    expect(view).toEqual({ ...long.original, audio: undefined });
  });

  it('is shown where it is short, silent or of several channels', () => {
    const silent = soundOf(RATE, 2, new Float32Array(6), new Float32Array(6));
    expect(silent.scale).toBe(0);
    expect(silent.original.wave).toEqual([0, 0, 0, 0, 0, 0]);
    const { numChannels } = new WaveFile(new Uint8Array(bytesOf(silent.original.audio!))).fmt as {
      numChannels: number;
    };
    expect(numChannels).toBe(2);
  });
});

import { PNG } from 'pngjs';
import { WaveFile } from 'wavefile';

/** A sound to see and to hear. */
export interface SoundView {
  /** The least and the greatest amplitude of each of the wave's equal parts: low, high, low, high ... */
  readonly wave: readonly number[];
  /** Time from left to right, frequency from bottom to top, loud dark: a PNG as a data URI. */
  readonly spectrogram: string;
  /** A WAV file of 16 bits as a data URI; undefined where it is left out. */
  readonly audio: string | undefined;
}

/** A sound, and what an attack made of it. */
export interface ShownSound {
  readonly kind: 'sound';
  /** Samples a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly original: SoundView;
  readonly adversarial: SoundView;
  /** Adversarial minus original, as loud as it can be. */
  readonly change: SoundView;
  /** The largest change of an amplitude. */
  readonly scale: number;
}

/** Seconds up to which many sounds may be sent at once. */
const SHORT = 2;

/** A sound for a list of many: without what is heard where it is long, as that is some hundred kB each. */
export function listedSound(sound: ShownSound): ShownSound {
  if (sound.seconds <= SHORT) return sound;
  const mute = (view: SoundView): SoundView => ({ ...view, audio: undefined });
  return { ...sound, original: mute(sound.original), adversarial: mute(sound.adversarial), change: mute(sound.change) };
}

/** Parts of a wave. */
const PARTS = 160;

/** Samples of which a spectrum is made, at the most, and how many spectra. */
const WINDOW = 256;
const FRAMES = 120;

/** Loudness below the loudest by which nothing is seen any more, in decibels. */
const RANGE = 60;

/** A sound of so many channels; what is seen is the first of them. */
export function soundOf(rate: number, channels: number, original: Float32Array, adversarial: Float32Array): ShownSound {
  const change = adversarial.map((value, k) => value - original[k]!);
  const scale = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const loud = scale === 0 ? change : change.map((value) => value / scale);
  const view = (values: Float32Array) => viewOf(values, channels, rate);
  return {
    kind: 'sound',
    rate,
    seconds: original.length / channels / rate,
    ...{ original: view(original), adversarial: view(adversarial), change: view(loud), scale },
  };
}

function viewOf(values: Float32Array, channels: number, rate: number): SoundView {
  const length = values.length / channels;
  const first = values.subarray(0, length);
  return { wave: wave(first), spectrogram: spectrogram(first), audio: audio(values, channels, rate) };
}

function wave(values: Float32Array): number[] {
  const parts = Math.min(PARTS, values.length);
  return Array.from({ length: parts }, (_, part) => {
    const inside = values.subarray(
      Math.floor((part * values.length) / parts),
      Math.floor(((part + 1) * values.length) / parts),
    );
    const low = inside.reduce((least, value) => Math.min(least, value), Infinity);
    const high = inside.reduce((most, value) => Math.max(most, value), -Infinity);
    return [rounded(low), rounded(high)];
  }).flat();
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** Short-time Fourier transform with Hann's window, in decibels below the loudest. */
function spectrogram(values: Float32Array): string {
  const window = Math.min(WINDOW, 2 ** Math.floor(Math.log2(Math.max(4, values.length))));
  const bins = window / 2;
  const frames = Math.max(1, Math.min(FRAMES, Math.floor((values.length - window) / (window / 4)) + 1));
  const hop = frames === 1 ? 0 : (values.length - window) / (frames - 1);
  const hann = Float64Array.from({ length: window }, (_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / window));
  const cosine = Float64Array.from({ length: window }, (_, k) => Math.cos((2 * Math.PI * k) / window));
  const decibels = new Float64Array(frames * bins);
  for (let frame = 0; frame < frames; frame++) {
    const from = Math.floor(frame * hop);
    const part = hann.map((weight, k) => weight * (values[from + k] ?? 0));
    for (let bin = 0; bin < bins; bin++) {
      let [real, imaginary] = [0, 0];
      for (let k = 0; k < window; k++) {
        const turn = (bin * k) % window;
        real += part[k]! * cosine[turn]!;
        imaginary += part[k]! * cosine[(turn + window - window / 4) % window]!;
      }
      decibels[frame * bins + bin] = 10 * Math.log10(real * real + imaginary * imaginary + 1e-12);
    }
  }
  const loudest = decibels.reduce((most, value) => Math.max(most, value), -Infinity);
  const png = new PNG({ width: frames, height: bins });
  for (let frame = 0; frame < frames; frame++) {
    for (let bin = 0; bin < bins; bin++) {
      const below = Math.min(RANGE, loudest - decibels[frame * bins + bin]!);
      const shade = Math.round((255 * below) / RANGE);
      png.data.set([shade, shade, shade, 255], ((bins - 1 - bin) * frames + frame) * 4);
    }
  }
  return `data:image/png;base64,${PNG.sync.write(png, { colorType: 0 }).toString('base64')}`;
}

function audio(values: Float32Array, channels: number, rate: number): string {
  const length = values.length / channels;
  const samples = Array.from({ length: channels }, (_, channel) =>
    Array.from(values.subarray(channel * length, (channel + 1) * length), (value) =>
      Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))),
    ),
  );
  const file = new WaveFile();
  file.fromScratch(channels, rate, '16', channels === 1 ? samples[0]! : samples);
  return `data:audio/wav;base64,${Buffer.from(file.toBuffer()).toString('base64')}`;
}

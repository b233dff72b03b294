import { messageOf, RampartError } from '@rampart/core';
import { WaveFile } from 'wavefile';

/** Sound as amplitudes from -1 to 1. */
export interface Sound {
  /** Samples a second. */
  readonly rate: number;
  /** One array a channel, of equal length. */
  readonly channels: readonly Float32Array[];
}

/** Compressed forms, and what makes them samples of 16 bits. */
const UNPACK: Readonly<Record<string, (file: WaveFile) => void>> = {
  '8a': (file) => file.fromALaw(),
  '8m': (file) => file.fromMuLaw(),
};

const MOST_CHANNELS = 64;

/**
 * The amplitudes of a WAV file: whole numbers of 8 to 32 bits divided by their largest power of two, floats as they are.
 * @param name what messages call it
 * @throws RampartError `bad-data` when it is damaged, cut short or no such file, or floats go beyond [-1, 1]
 */
export function decodeWav(bytes: Uint8Array, name: string): Sound {
  try {
    checkChunks(bytes);
    const file = new WaveFile(new Uint8Array(bytes));
    if (file.bitDepth === '4') throw new Error('its samples are ADPCM: save it as PCM');
    UNPACK[file.bitDepth]?.(file);
    const { sampleRate: rate, numChannels: count } = file.fmt as { sampleRate: number; numChannels: number };
    if (!(count >= 1 && count <= MOST_CHANNELS)) throw new Error(`it claims ${count} channels`);
    if (!(rate > 0)) throw new Error(`it claims ${rate} samples a second`);
    const samples = file.getSamples(true, Float64Array) as unknown as Float64Array;
    const scaled = samples.map(scaleOf(file.bitDepth));
    const beyond = scaled.find((value) => !(value >= -1 && value <= 1));
    if (beyond !== undefined) throw new Error(`an amplitude of ${beyond} is not between -1 and 1`);
    const length = Math.floor(scaled.length / count);
    if (length === 0) throw new Error('it holds no sample');
    const channels = Array.from({ length: count }, (_, channel) =>
      Float32Array.from({ length }, (_item, k) => scaled[k * count + channel]!),
    );
    return { rate, channels };
  } catch (error) {
    throw new RampartError({
      code: 'bad-data',
      message: `${name}: expected a whole WAV file. Received one that is damaged, cut short or of another format (${messageOf(error).replace(/\s+/g, ' ').slice(0, 200)}).`,
      cause: error,
    });
  }
}

/** Every chunk must be there in full: what is cut off would pass for a shorter sound. */
function checkChunks(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number) => Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
  if (bytes.length < 12 || text(0) !== 'RIFF' || text(8) !== 'WAVE') throw new Error('it does not begin as a WAV file');
  const found = new Set<string>();
  let at = 12;
  while (at + 8 <= bytes.length) {
    const size = view.getUint32(at + 4, true);
    if (at + 8 + size > bytes.length) throw new Error(`its part "${text(at).trim()}" claims more bytes than there are`);
    found.add(text(at));
    at += 8 + size + (size % 2);
  }
  for (const needed of ['fmt ', 'data']) if (!found.has(needed)) throw new Error(`it has no part "${needed.trim()}"`);
}

function scaleOf(bitDepth: string): (sample: number) => number {
  if (bitDepth === '32f' || bitDepth === '64') return (sample) => sample;
  if (bitDepth === '8') return (sample) => (sample - 128) / 128;
  const largest = 2 ** (Number.parseInt(bitDepth, 10) - 1);
  return (sample) => sample / largest;
}

import { defineDataset, pixelBox, RampartError, sampleShape, throwIfCancelled } from '@rampart/core';
import { z } from 'zod';

import { assembleDataset, type RawSplit } from './assemble';
import { splitLimit } from './class-choice';
import { decodeWav } from './decode-wav';
import { checkFolder, type LabelledFile, labelledFiles } from './labelled-files';
import { chooseNamed, namedClasses } from './own-labels';
import { readUserFile, userPath } from './user-path';

/** Sound of anybody's, as files in folders. */
export const wav = defineDataset({
  name: 'wav',
  summary: 'Sound of your own as WAV files: a folder for each class, or a CSV of file and label',
  source: 'Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft, 1991',
  version: 1,
  params: z.object({
    path: z.string().default('').describe('The folder, from the data folder on, which is meant when left out'),
    labels: z
      .string()
      .default('')
      .describe(
        'A CSV in the folder with columns file and label, and split where there are several; for folders of classes left out',
      ),
    samples: z
      .int()
      .min(0)
      .default(0)
      .describe('Samples of each sound: longer ones are cut off, shorter ones end in silence; 0 where all are as long'),
    channels: z
      .enum(['mono', 'all'])
      .default('mono')
      .describe('The mean of the channels, or each of them where all sounds have as many'),
    ...namedClasses,
    trainLimit: splitLimit('training'),
    testLimit: splitLimit('test'),
  }),
  async load(params, { dataDir, signal }) {
    throwIfCancelled(signal);
    const folder = await checkFolder(userPath('wav', params.path, dataDir));
    const { names, labels, train, test } = await labelledFiles(folder, { ...params, endings: ['.wav'] }, dataDir);
    const first = await read(test[0]!.path, params);
    const length = params.samples > 0 ? params.samples : first.channels[0]!.length;
    const wanted: Form = { rate: first.rate, channels: first.channels.length, length, cut: params.samples > 0 };
    const split = (files: readonly LabelledFile[]): RawSplit => ({
      labels: files.map(({ label }) => label),
      async copyImage(index, target, offset) {
        throwIfCancelled(signal);
        const { path } = files[index]!;
        const sound = await read(path, params);
        checkForm(path, sound, wanted);
        sound.channels.forEach((channel, c) => target.set(channel.subarray(0, length), offset + c * length));
      },
    });
    return assembleDataset(
      {
        shape: sampleShape([wanted.channels, length]),
        box: pixelBox(-1, 1),
        samples: { kind: 'sound', rate: first.rate },
        names,
        labels,
        ...(train && { train: split(train) }),
        test: split(test),
      },
      { ...params, classes: chooseNamed('wav', names, params.classes) },
    );
  },
});

/** What all sounds must be. */
interface Form {
  readonly rate: number;
  readonly channels: number;
  readonly length: number;
  /** Whether other lengths are made that long. */
  readonly cut: boolean;
}

type Channels = ReturnType<typeof decodeWav>;

async function read(path: string, { channels }: { readonly channels: 'mono' | 'all' }): Promise<Channels> {
  const sound = decodeWav(await readUserFile(path), path);
  if (channels === 'all' || sound.channels.length === 1) return sound;
  const count = sound.channels.length;
  const mean = sound.channels[0]!.map((_, k) => sound.channels.reduce((sum, one) => sum + one[k]!, 0) / count);
  return { ...sound, channels: [mean] };
}

/** @throws RampartError `bad-data` when a sound is of another rate, length or number of channels than the first */
function checkForm(path: string, { rate, channels }: Channels, wanted: Form): void {
  const length = channels[0]!.length;
  const refuse = (expected: string, received: string) => {
    throw new RampartError({
      code: 'bad-data',
      message: `${path}: expected ${expected}, as the first one. Received ${received}.`,
    });
  };
  if (rate !== wanted.rate) refuse(`sounds of ${wanted.rate} samples a second`, `${rate}: resample it`);
  if (channels.length !== wanted.channels)
    refuse(`${wanted.channels} channels`, `${channels.length}: set channels=mono`);
  if (length !== wanted.length && !wanted.cut) {
    refuse(`sounds of ${wanted.length} samples`, `${length}: set samples to what the model takes`);
  }
}

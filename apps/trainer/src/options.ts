import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';

import { Argument, InvalidArgumentError, Option } from 'commander';

/** `RUN`: which run is meant. */
export function runArgument(): Argument {
  return new Argument('<run>', 'its identity, the beginning of it or of its last six digits, or "latest"');
}

/** `RUNS...`: one or several of them. */
export function runsArgument(): Argument {
  return new Argument('<runs...>', 'identities, beginnings of them or of their last six digits, or "latest"');
}

/** `--store PLACE`: where results are. */
export function storeOption(): Option {
  return new Option('--store <place>', 'folder of the results, or postgres://USER:PASSWORD@HOST/DATABASE')
    .env('RAMPART_STORE')
    .default('.rampart')
    .argParser((value: string) => placeFrom(process.cwd(), value));
}

/** A store as it is named in a folder: a path there, or the address of a database, which is none. */
export function placeFrom(folder: string, place: string): string {
  return /^\w+:\/\//.test(place) ? place : resolve(folder, place);
}

/** `--artifacts PLACE`: where a store's files are to be. */
export function artifactsOption(): Option {
  return new Option(
    '--artifacts <place>',
    'where files are kept: s3://BUCKET/PREFIX, or a folder (default: where the store says, else in its own folder)',
  ).env('RAMPART_ARTIFACTS');
}

/** `--data-dir DIR`: where the user's data is. */
export function dataDirOption(): Option {
  return new Option(
    '--data-dir <dir>',
    [
      'folder with data files, from which paths of datasets count, or with subfolders named after datasets (mnist, cifar10);',
      'MNIST is taken from its package where the folder has none of its files',
    ].join(' '),
  )
    .env('RAMPART_DATA_DIR')
    .argParser((value: string) => resolve(value));
}

export function portOption(): Option {
  return new Option('--port <n>', 'port of the dashboard').default(4300).argParser(wholeNumber(0, 65_535));
}

/** `--threats "linf(8/255),l2(0.5)"`. */
export function threatsOption(): Option {
  return new Option(
    '--threats <list>',
    'what models are to withstand: norms with their epsilons, "linf(8/255),l2(0.5)"',
  );
}

/** `--audits "randomised,rounding"`. */
export function auditsOption(): Option {
  return new Option('--audits <list>', 'what is looked into that makes figures doubtful; none for nothing').default(
    undefined,
    'all',
  );
}

/** `--remedy-budget N`. */
export function remedyBudgetOption(): Option {
  return new Option(
    '--remedy-budget <n>',
    'evaluations, an instance and threat, that the remedies of findings may take (default: 20000)',
  ).argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER));
}

/** `--workers N`. */
export function workersOption(): Option {
  return new Option('--workers <n>', 'threads: each does a step, or helps with one that trains or hardens')
    .env('RAMPART_WORKERS')
    .default(Math.max(1, Math.min(8, availableParallelism())))
    .argParser(wholeNumber(1, 64));
}

/** `--engine NAME`. */
export function engineOption(): Option {
  return new Option('--engine <name>', 'training engine; auto is onnx, the fastest')
    .choices(['auto', 'tfjs', 'onnx'])
    .default('auto');
}

export function deviceOption(): Option {
  return new Option(
    '--device <name>',
    'where attacks and trainings compute, compared with the CPU; judging and audits are on the CPU (default: cpu)',
  ).choices(['cpu', 'webgpu', 'cuda']);
}

/** A parser of whole numbers in a range. */
export function wholeNumber(low: number, high: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isInteger(number) && number >= low && number <= high) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${low} to ${high}.`);
  };
}

/** `1`, `1,4,7` or `1..5`. */
export function seedList(value: string): number[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(value);
  if (range) {
    const [first, last] = [Number(range[1]), Number(range[2])];
    if (last < first || last - first >= 1000) {
      throw new InvalidArgumentError('Expected a range that ascends, of at most 1000 seeds, such as 1..5.');
    }
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  }
  return value.split(',').map(wholeNumber(0, 2 ** 31 - 1));
}

/** `--preprocess "range=0..1 mean=... std=... order=bgr layout=nhwc"`, or `--preprocess auto`. */
export function preprocessOption(): Option {
  return new Option(
    '--preprocess <text>',
    [
      'what images become before the model: "range=0..1 mean=0.5 std=0.2 order=bgr layout=nhwc", each part optional;',
      'auto: the usual way that gets most test samples right (default: what is written in the file or beside it)',
    ].join(' '),
  );
}

/** `--output NAME`. */
export function outputOption(): Option {
  return new Option(
    '--output <name>',
    'the output with the scores of classes (default: the one that can only be it; several ask)',
  );
}

/** `--positive-index N`. */
export function positiveIndexOption(): Option {
  return new Option(
    '--positive-index <n>',
    'for a model with one output value: the class, 0 or 1, that a large value speaks for (default: 1)',
  ).argParser(wholeNumber(0, 1));
}

/** `--feed NAME=VALUE`, as often as there are inputs to feed. */
export function feedOption(): Option {
  return new Option(
    '--feed <name=value>',
    'what an input that is not attacked is held at: a number, or an array as .npy; once an input',
  ).argParser((value: string, before: string[] = []) => [...before, withAbsolutePath(value)]);
}

/** The file of a feed is looked for from the current folder on. */
function withAbsolutePath(feed: string): string {
  const at = feed.indexOf('=');
  return feed.endsWith('.npy') && at > 0 ? `${feed.slice(0, at)}=${resolve(feed.slice(at + 1))}` : feed;
}

/** `--attack-at VALUE`. */
export function attackAtOption(): Option {
  return new Option(
    '--attack-at <value>',
    'the inner value that is attacked in place of the input, such as embeddings; rampart inspect lists them',
  );
}

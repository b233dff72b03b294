import { processOwner } from './process-owner';
import { openStore } from './store';

/** Writes steps with a file and instances as fast as it can until it is killed; started by crash.spec.ts. */
async function main(directory: string, name: string): Promise<never> {
  const store = await openStore(directory);
  const owner = processOwner();
  for (let number = 0; ; number++) {
    const key = `${name}-${number}`;
    if (!(await store.steps.claim(key, owner, 3_600_000))) throw new Error(`${key} is taken.`);
    const content = Buffer.alloc(200_000, `${key} `);
    const artifact = await store.artifacts.write(content, { name: 'adversarial', extension: 'npy' });
    const instances = Array.from({ length: 50 }, (_, position) => ({
      evaluateStep: key,
      position,
      testIndex: position,
      label: 0,
      predictionBefore: 0,
      predictionAfter: 1,
      confidenceBefore: 1,
      confidenceAfter: 1,
      distortion: 0,
      linf: 0,
      iterations: 1,
    }));
    await store.steps.finish(
      { key, kind: 'evaluate', label: key, output: {}, artifacts: [artifact], seconds: 0, finishedAt: 0 },
      instances,
    );
    process.stdout.write(`${number}\n`);
  }
}

void main(process.argv[2]!, process.argv[3]!);

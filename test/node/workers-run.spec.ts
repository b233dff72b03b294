import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { describeWithPostgres } from '../../libs/results/src/postgres/temporary-server.process';
import { MachineRoom } from '../cluster/machine-room';
import { findingsOf, temporaryFolder } from '../integration/rampart';

const EXPERIMENT = `
name: tiny
dataset: mnist(classes=[4, 7], trainLimit=300, testLimit=60)
models: [lenet5]
training: { epochs: 1 }
attacks: [fgs(epsilon=0.3)]
`;

// As small-run.spec.ts: the coordinator and its worker run on the Node that runs this.
describeWithPostgres(`on Node ${process.versions.node}, with PostgreSQL and the queue`, () => {
  const folder = temporaryFolder();
  let room: MachineRoom;

  beforeAll(async () => (room = await MachineRoom.open()));
  afterAll(() => room?.close());

  it('has a worker train and attack, without a warning', async () => {
    const file = path.join(folder, 'tiny.yaml');
    writeFileSync(file, EXPERIMENT);
    const worker = room.startWorker();
    const ended = await room.run(['run', file, '--json']);
    expect(ended.code).toBe(0);
    // The run may have been there before its worker.
    expect(ended.stderr).toMatch(/^(rampart: warning: No worker is alive\..*\n)?$/);
    expect(findingsOf(ended).cells.some(({ metric, mode }) => metric === 'error-rate' && mode === 'static')).toBe(true);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(worker.said()).toMatch(/done: train lenet5[^]*done: evaluate lenet5[^]* steps done, 0 failed\n$/);
    expect(worker.said()).not.toMatch(/[Ww]arning/);
  });
});

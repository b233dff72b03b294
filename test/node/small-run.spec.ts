import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { findingsOf, rampart, SMALL_EXPERIMENT, temporaryFolder } from '../integration/rampart';

// Under each version of Node that is supported: the command line runs on the one that runs this.
describe(`on Node ${process.versions.node}`, () => {
  const folder = temporaryFolder();

  it.each(['onnx', 'tfjs'])('trains, attacks and hardens with the %s engine, without a warning', async (engine) => {
    const file = path.join(folder, 'small.yaml');
    writeFileSync(file, SMALL_EXPERIMENT);
    const store = path.join(folder, engine);
    const ended = await rampart(['run', file, '--json', '--store', store, '--engine', engine]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const { cells, models } = findingsOf(ended);
    expect(models).toHaveLength(2);
    const errors = cells.filter(({ mode, metric }) => mode === 'clean' && metric === 'error-rate');
    expect(errors).toHaveLength(2);
    for (const { value } of errors) expect(value).toBeLessThan(0.1);
  });
});

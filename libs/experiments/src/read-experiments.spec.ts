import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { presetNames, readExperiments } from './read-experiments';

const EXPERIMENT = (name: string) => `name: ${name}
dataset: mnist(classes=[4, 7])
models: [lenet5]
attacks: [cg]
`;

describe('reading experiments', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'experiments-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const write = async (files: Readonly<Record<string, string>>) => {
    await mkdir(join(folder, 'deeper'), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return join(folder, Object.keys(files)[0]!);
  };
  const names = async (nameOrFile: string) => (await readExperiments(nameOrFile)).map(({ name }) => name);

  it('has every preset in order', async () => {
    const presets = await presetNames();
    expect(presets).toEqual(expect.arrayContaining(['quickstart', 'paper', 'paper-mnist', 'paper-cifar10']));
    for (const preset of presets)
      expect(await names(preset)).toEqual(preset === 'paper' ? expect.anything() : [preset]);
  });

  it('knows the whole publication as an experiment for each dataset', async () => {
    const experiments = await readExperiments('paper');
    expect(experiments.map(({ name, published }) => [name, published])).toEqual([
      ['paper-mnist', 'mnist'],
      ['paper-cifar10', 'cifar10'],
    ]);
  });

  it('takes presets and files, from the folder of the list on, in the order of the list', async () => {
    const list = await write({
      'list.yaml': 'experiments:\n  - deeper/one.yaml\n  - quickstart\n',
      'deeper/one.yaml': EXPERIMENT('one'),
    });
    expect(await names(list)).toEqual(['one', 'quickstart']);
  });

  it.each([
    [
      'an experiment that does not exist',
      '[quickstart, papers]',
      /list\.yaml, line 2, field "experiments\.1": .*"papers"/,
    ],
    [
      'a file that does not exist',
      '[./nowhere.yaml]',
      /line 2, field "experiments\.0": .*nowhere\.yaml cannot be read/,
    ],
    ['a list', '[paper]', /line 2, field "experiments\.0": "paper" is a list of experiments itself/],
    ['itself', '[list.yaml]', /line 2, field "experiments\.0": "list\.yaml" is a list/],
    ['one of them twice', '[quickstart, quickstart]', /line 2, field "experiments\.1": "quickstart" is named twice/],
    ['nothing', '[]', /line 2, field "experiments": Expected at least 1 entries/],
    ['no list', 'quickstart', /line 2, field "experiments": .*Expected a list/],
    ['a number', '[1]', /line 2, field "experiments\.0": .*Expected a text/],
    [
      'an experiment of its own beside',
      '[quickstart]\ndataset: mnist',
      /line 3, field "dataset": Unknown field .*Known: name, description, experiments\./,
    ],
    [
      'an experiment with a mistake',
      '[bad.yaml]',
      /line 2, field "experiments\.0": bad\.yaml, line 4, field "attacks\.0": .*"gc"/,
    ],
  ])('refuses a list of %s, with line and field', async (_what, experiments, message) => {
    const list = await write({
      'list.yaml': `name: list\nexperiments: ${experiments}\n`,
      'bad.yaml': EXPERIMENT('bad').replace('cg', 'gc'),
    });
    await expect(readExperiments(list)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    });
  });
});

it.each([
  [
    'model.onnx',
    'usage',
    'model.onnx is a model, and no experiment. Did you mean "rampart evaluate model.onnx --dataset NAME"?',
  ],
  [
    '.',
    'missing',
    /^The experiment file \. cannot be read: it is a folder, not a file\. Name a file or one of the presets: /,
  ],
  [
    '/no/such.yaml',
    'missing',
    /^The experiment file \/no\/such.yaml cannot be read: no such file or directory\. Name a file/,
  ],
  ['quickstar', 'usage', /^Unknown experiment "quickstar". Did you mean "quickstart"\?/],
])('says what %s is instead of an experiment', async (what, code, message) => {
  await expect(readExperiments(what)).rejects.toMatchObject({
    code,
    message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
  });
});

it('names the option that a field of an experiment comes from', async () => {
  await expect(readExperiments('quickstart', { threats: 'l2(0.5)' })).rejects.toMatchObject({
    message: expect.stringMatching(/^--threats: none of the attacks answers/) as string,
  });
});

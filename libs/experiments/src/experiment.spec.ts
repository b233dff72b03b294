import { parseExperiment } from './experiment';

const WHOLE = `name: whole
dataset: mnist(classes=[4, 7])
models: [lenet5]
attacks: [fgs(epsilon=0.1), cg]
defenses:
  - 'rad(attack=adam, rounds=2)'
seeds: [1, 2, 2]
`;

const parse = (text: string) => parseExperiment(text, 'file.yaml', __dirname);

describe('an experiment file', () => {
  it('is read with every component resolved, defaults filled in and seeds once each', () => {
    const experiment = parse(WHOLE);
    expect(experiment.attacks.map((attack) => attack.label)).toEqual(['fgs(epsilon=0.1)', 'cg']);
    expect(experiment.defenses.map((defense) => defense.label)).toEqual(['rad(attack=adam, rounds=2)']);
    expect(experiment.defenses[0]!.versions).toHaveProperty('adam');
    expect(experiment.examples).toEqual(['static', 'adaptive']);
    expect(experiment.seeds).toEqual([1, 2]);
    expect(experiment.training.epochs).toBeGreaterThan(0);
    expect(experiment.metrics.map((metric) => metric.label)).toContain('error-rate');
  });

  it('has a thousand seeds at most, and a name that fits a line', () => {
    const seeds = Array.from({ length: 100_000 }, (_, seed) => seed).join(', ');
    expect(() => parse(WHOLE.replace('[1, 2, 2]', `[${seeds}]`))).toThrow(/1000/);
    expect(() => parse(WHOLE.replace('name: whole', `name: ${'a'.repeat(1_000_000)}`))).toThrow(/200/);
  });

  it('computes on the CPU where it names no device', () => {
    expect(parse(WHOLE).device).toBe('cpu');
    expect(parse(`${WHOLE}device: webgpu\n`).device).toBe('webgpu');
  });

  it('may vary a parameter of an attack', () => {
    const { sweeps } = parse(`${WHOLE}sweeps: [{ attack: fgs, parameter: epsilon, values: [0.1, 0.3] }]\n`);
    expect(sweeps[0]!.points.map(({ value, attack }) => [value, attack.label])).toEqual([
      [0.1, 'fgs(epsilon=0.1)'],
      [0.3, 'fgs(epsilon=0.3)'],
    ]);
  });

  it.each([
    ['an unknown attack', 'cg]', 'gc]', /^file\.yaml, line 4, field "attacks\.1": Unknown attack "gc".*Known:/],
    ['a parameter out of range', '0.1', '-1', /line 4, field "attacks\.0".*"epsilon".*Received: -1/],
    ['an unknown parameter', 'epsilon=0.1', 'eps=0.1', /line 4.*Unknown parameter.*"eps".*epsilon/],
    ['a nested component that does not exist', 'attack=adam', 'attack=adan', /line 6.*Did you mean "adam"/],
    ['a misspelt field', 'attacks:', 'atacks:', /line 4, field "atacks": Unknown field .*Known: .*attacks/],
    ['a missing field', 'models: [lenet5]\n', '', /field "models": .*missing/],
    ['an empty list', '[lenet5]', '[]', /line 3, field "models"/],
    ['a negative seed', '[1, 2, 2]', '[-1]', /line 7, field "seeds\.0"/],
    ['text that is not YAML', '[lenet5]', '[lenet5', /line \d+: not valid YAML/],
    ['a device that there is not', 'seeds:', 'device: tpu\nseeds:', /line 7, field "device".*webgpu.*Received: tpu/],
    ['an unquoted comma', "'rad(attack=adam, rounds=2)'", 'rad(attack=adam', /line 6.*quote an entry/],
  ])('with %s is refused with line and field', (_what, from, to, message) => {
    expect(WHOLE).toContain(from);
    expect(() => parse(WHOLE.replace(from, to))).toThrow(message);
  });
});

import { evaluationText, type EvaluationRequest } from './evaluation';
import { parseExperiment } from './experiment';

const request: EvaluationRequest = {
  name: 'evaluate a "model": with #signs',
  path: '/models/it\'s "odd", really.onnx',
  dataset: 'mnist(testLimit=50)',
  attacks: 'fgs(epsilon=0.1),cg,adam(iterations=7)',
  seeds: [1, 2],
};
const read = (more: Partial<EvaluationRequest> = {}) =>
  parseExperiment(evaluationText({ ...request, ...more }), 'spec');

describe('evaluationText', () => {
  it('is an experiment file that says what was asked for', () => {
    const { models, dataset, attacks, examples, seeds, defenses, target } = read();
    expect(models[0]!.params).toMatchObject({ path: request.path, preprocess: '', positiveIndex: 1 });
    expect(models[0]!.label).toBe('it\'s "odd", really.onnx');
    expect(dataset.params).toMatchObject({ classes: [4, 7], testLimit: 50 });
    expect(attacks.map(({ label }) => label)).toEqual(['fgs(epsilon=0.1)', 'cg', 'adam(iterations=7)']);
    expect({ examples, seeds, defenses, target }).toEqual({
      examples: ['adaptive'],
      seeds: [1, 2],
      defenses: [],
      target: undefined,
    });
  });

  it('carries preprocessing, head, name, classes and target', () => {
    const { models, dataset, target } = read({
      preprocess: 'range=0..1 mean=0.1307 std=0.3081',
      positiveIndex: 0,
      label: 'mine',
      classes: '3, 8',
      target: '8',
    });
    expect(models[0]!.label).toBe('mine');
    expect(models[0]!.params).toMatchObject({ preprocess: 'range=0..1 mean=0.1307 std=0.3081', positiveIndex: 0 });
    expect(dataset.params['classes']).toEqual([3, 8]);
    expect(target).toBe('8');
    expect(read({ classes: 'all' }).dataset.params['classes']).toBe('all');
  });

  it('replays examples only where there is a defense to replay them on', () => {
    const { defenses, examples } = read({ defenses: 'rad(attack=adam)' });
    expect(defenses.map(({ label }) => label)).toEqual(['rad(attack=adam)']);
    expect(examples).toEqual(['static', 'adaptive']);
  });

  it('refuses preprocessing that cannot be read', () => {
    expect(() => read({ preprocess: 'rnge=0..1' })).toThrow(/rnge=0\.\.1/);
  });
});

import { publishedFigure, publishedLabels } from './lookup';
import { PUBLISHED_TABLES } from './tables';

describe('the publication', () => {
  it('has a figure for every column of every row', () => {
    for (const table of PUBLISHED_TABLES) {
      for (const row of table.rows) expect([table.id, row.figures.length]).toEqual([table.id, table.attacks.length]);
    }
  });

  it.each([
    ['mnist', 'lenet5', 'fgs(epsilon=0.5)', 'static', 'error-rate', 0.461],
    ['mnist', 'lenet5', 'cg', 'adaptive', 'error-rate', 0.482],
    ['mnist', 'rad(attack=adam)', 'cg', 'static', 'error-rate', 0.001],
    ['mnist', 'rad(attack=adam)', 'cg', 'adaptive', 'error-rate', 0.402],
    ['mnist', 'rad(attack=fgs(epsilon=0.1))', 'none', 'clean', 'error-rate', 0.00045],
    ['cifar10', 'distillation(temperature=100)', 'adam', 'adaptive', 'error-rate', 0.541],
    ['mnist', 'rad(attack=fgs(epsilon=0.1))', 'adam', 'adaptive', 'distortion', 0.006],
    ['mnist', 'iaec(attack=cg)', 'cg', 'adaptive', 'distortion', 0.0069],
    ['mnist', 'lenet5', 'cg', 'static', 'distortion', 0.0118],
    // What the publication leaves open may be anything.
    ['cifar10', 'rad(attack=cg, rounds=2)', 'cg', 'static', 'error-rate', 0.0505],
    ['mnist', 'rad(rounds=2, attack=fgs(epsilon=0.5))', 'cg', 'adaptive', 'distortion', 0.0118],
  ] as const)('on %s has for %s under %s, %s, the %s %d', (dataset, model, attack, mode, metric, value) => {
    expect(publishedFigure(dataset, { model, attack, mode, metric })?.value).toBeCloseTo(value, 10);
  });

  it.each([
    [undefined, 'lenet5', 'cg', 'static'],
    ['mnist', 'rad(rounds=3)', 'cg', 'static'],
    ['mnist', 'rad(attack=adam(learningRate=0.2))', 'cg', 'static'],
    ['mnist', 'rad(attack=adam) on mine', 'cg', 'static'],
    ['mnist', 'aec(attack=adam)', 'cg', 'adaptive'],
    ['mnist', 'lenet5', 'pgd', 'static'],
    ['mnist', 'lenet5', 'none', 'static'],
  ] as const)('on %s has nothing for %s under %s, %s', (dataset, model, attack, mode) => {
    expect(publishedFigure(dataset, { model, attack, mode, metric: 'error-rate' })).toBeUndefined();
  });

  it('lists its models and attacks in its own order', () => {
    const { models, attacks } = publishedLabels('mnist');
    expect(models.slice(0, 2)).toEqual(['lenet5', 'rad(attack=fgs(epsilon=0.1))']);
    expect(attacks).toEqual(['fgs(epsilon=0.1)', 'fgs(epsilon=0.5)', 'cg', 'adam', 'none']);
  });
});

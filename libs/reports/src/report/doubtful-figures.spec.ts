import { doubtfulFigures } from './doubtful-figures';
import type { ReportedFinding } from './findings';

const finding = (over: Partial<ReportedFinding>): ReportedFinding => ({
  ...{ seed: 1, model: 'distillation', mode: 'adaptive', audit: 'saturated-loss', severity: 'high' },
  ...{ summary: '', evidence: {}, remedies: [], resolved: true },
  ...over,
});

const of = (attack: string, mode: 'static' | 'adaptive' = 'adaptive', model = 'distillation') => ({
  model,
  attack,
  mode,
});

describe('figures in doubt', () => {
  it.each([
    ['all of a model', {}, ['fgs(epsilon=0.1)', 'fgs(epsilon=0.3)', 'cg']],
    ['those at a threat', { threat: 'linf(0.3)' }, ['fgs(epsilon=0.3)']],
    ['those of an attack', { threat: 'linf(0.3)', attack: 'cg' }, ['cg']],
  ])('are %s that a finding is about', (_, over, attacks) => {
    const figures = ['fgs(epsilon=0.1)', 'fgs(epsilon=0.3)', 'cg'].map((attack) => of(attack));
    expect(doubtfulFigures(figures, [finding(over)]).map(({ attack }) => attack)).toEqual(attacks);
  });

  it('are worst cases over attacks of which one is in doubt', () => {
    const figures = [of('worst-case'), of('worst-case', 'static')];
    expect(doubtfulFigures(figures, [finding({ attack: 'cg' })])).toEqual([
      { ...of('worst-case'), audits: ['saturated-loss'] },
    ]);
  });

  it('are of the same model and mode, serious, and told once', () => {
    const figures = [of('cg', 'static'), of('cg', 'adaptive', 'lenet5'), of('cg'), of('cg')];
    const findings = [finding({}), finding({ audit: 'no-progress' }), finding({ audit: 'rounding', severity: 'low' })];
    expect(doubtfulFigures(figures, findings)).toEqual([{ ...of('cg'), audits: ['saturated-loss', 'no-progress'] }]);
  });
});

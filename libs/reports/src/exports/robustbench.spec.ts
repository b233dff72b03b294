import { exampleFigures } from './figures.fixture';
import { modelInfoFiles } from './robustbench';

describe('modelInfoFiles', () => {
  it("has the layout of RobustBench's files, percentages and epsilons as text", () => {
    const files = modelInfoFiles(exampleFigures());
    // Only one of the threats was answered by AutoAttack.
    expect(files.map(({ folders, name }) => [...folders, name].join('/'))).toEqual([
      'mnist/Linf/lenet5.json',
      'mnist/Linf/mine-b.json',
    ]);
    const { info } = files[0]!;
    expect(Object.keys(info).slice(0, 12)).toEqual([
      ...['link', 'name', 'authors', 'additional_data', 'number_forward_passes', 'dataset', 'venue', 'architecture'],
      ...['eps', 'clean_acc', 'reported', 'autoattack_acc'],
    ]);
    expect(info).toMatchObject({
      ...{ name: 'lenet5', dataset: 'mnist', eps: '8/255', clean_acc: '98.00', autoattack_acc: '55.00' },
      // All attacks together find more than AutoAttack alone.
      external: '50.00',
      footnote: expect.stringMatching(
        /^Of 200 test instances 50\.00 stay right under all attacks \(95% interval 40\.00/,
      ) as string,
    });
    expect(info).not.toHaveProperty('unreliable');
    expect(files[1]!.info.unreliable).toBe(true);
  });

  it('has epsilons for pixels from 0 to 1, and a file for each', () => {
    const { report, figures } = exampleFigures();
    const wide = { ...report, run: { ...report.run, images: { classes: ['4', '7'], box: { min: 0, max: 2 } } } };
    const [first] = figures;
    const twice = { ...first!, threat: { ...first!.threat, threat: 'linf(0.5)', epsilon: 0.5 } };
    const files = modelInfoFiles({ report: wide, figures: [first!, twice] });
    expect(files.map(({ info }) => info.eps)).toEqual(['4/255', '0.25']);
    expect(files.map(({ name }) => name)).toEqual(['lenet5_eps-4-255.json', 'lenet5_eps-0.25.json']);
  });

  it('refuses a run that AutoAttack had no part in', () => {
    const { report, figures } = exampleFigures();
    const without = figures.filter(({ threat }) => threat.norm === 'l2');
    expect(() => modelInfoFiles({ report, figures: without })).toThrow(
      /nothing to export: RobustBench lists the standard/,
    );
  });
});

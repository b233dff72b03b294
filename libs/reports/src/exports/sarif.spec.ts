import { exampleFigures } from './figures.fixture';
import { sarifLog } from './sarif';

describe('sarifLog', () => {
  const fileOf = ({ figure }: { readonly figure: { readonly model: string } }) =>
    figure.model === 'lenet5' ? '/work/models/le net.onnx' : '/elsewhere/mine.onnx';
  // As a file has it.
  const log = JSON.parse(JSON.stringify(sarifLog(exampleFigures(), fileOf, '/work', '0.1.0'))) as ReturnType<
    typeof sarifLog
  >;
  const [run] = log.runs;

  it('has what the schema of SARIF 2.1.0 asks of a log, a run, its tool, rules and results', () => {
    expect(log.version).toBe('2.1.0');
    expect(log.$schema).toMatch(/^https:\/\/.*sarif-schema-2\.1\.0\.json$/);
    expect(log.runs).toHaveLength(1);
    const { driver } = run!.tool;
    expect(driver.name).toBe('Rampart');
    expect(driver.version).toMatch(/^\d+\.\d+\.\d+$/);
    const ids = driver.rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, shortDescription, defaultConfiguration } of driver.rules) {
      expect(id).toMatch(/^[a-z-]+$/);
      expect(shortDescription.text).not.toBe('');
      expect(['none', 'note', 'warning', 'error']).toContain(defaultConfiguration.level);
    }
    expect(run!.invocations).toEqual([{ executionSuccessful: expect.any(Boolean) as boolean }]);
    expect(run!.columnKind).toBe('utf16CodeUnits');
    for (const result of run!.results) {
      expect(result.message.text).toMatch(/Robust accuracy of .* under .*: \d/);
      expect(['note', 'warning', 'error']).toContain(result.level);
      expect(ids[result.ruleIndex]).toBe(result.ruleId);
      expect(result.locations).toHaveLength(1);
      expect(Object.values(result.partialFingerprints)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    }
  });

  it('has one result a model and threat, of models that were attacked themselves', () => {
    expect(run!.results.map(({ properties }) => [properties.model, properties.threat])).toEqual([
      ['lenet5', 'linf(8/255)'],
      ['mine|<b>', 'linf(8/255)'],
      ['lenet5', 'l2(0.5)'],
      ['mine|<b>', 'l2(0.5)'],
    ]);
    expect(new Set(run!.results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size).toBe(4);
  });

  it('is an error where a figure is not established, and says why', () => {
    const [first, doubtful] = run!.results;
    expect(doubtful).toMatchObject({ ruleId: 'not-established', level: 'error' });
    expect(doubtful!.message.text).toMatch(/^Not established\. zero-gradient: The gradient is zero on 12 of 16/);
    expect(first!.ruleId).toBe('robust-accuracy');
  });

  it('places results by URIs: below the root of the sources relative to it', () => {
    const uris = run!.results.map(({ locations }) => locations[0]!.physicalLocation.artifactLocation);
    expect(uris[0]).toEqual({ uri: 'models/le%20net.onnx', uriBaseId: 'SRCROOT' });
    expect(uris[1]).toEqual({ uri: 'file:///elsewhere/mine.onnx' });
    expect(run!.originalUriBaseIds.SRCROOT.uri).toBe('file:///work/');
  });

  it.each([
    // Robust accuracy with its interval; two classes, so that a guess is right on half.
    [0.7, 0.6, 0.8, 'warning'],
    [0.97, 0.94, 0.985, 'note'],
    [0.55, 0.48, 0.62, 'error'],
  ])('calls %d [%d, %d] of 0.98: %s', (value, low, high, level) => {
    const { report, figures } = exampleFigures();
    const one = figures[0]!;
    const figure = { ...one.figure, robustAccuracy: { ...one.figure.robustAccuracy, value, low, high } };
    const images = { classes: ['4', '7'], box: { min: -0.5, max: 0.5 } };
    const changed = { report: { ...report, run: { ...report.run, images } }, figures: [{ ...one, figure }] };
    expect(sarifLog(changed, fileOf, '/work', '0.1.0').runs[0]!.results[0]!.level).toBe(level);
  });
});

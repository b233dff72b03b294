import { parse } from 'yaml';

import { exampleFigures } from './figures.fixture';
import { modelCard } from './model-card';

interface Metadata {
  readonly 'model-index': readonly {
    readonly name: string;
    readonly results: readonly {
      readonly task: { readonly type: string };
      readonly dataset: { readonly type: string; readonly name: string; readonly split: string };
      readonly metrics: readonly { readonly type: string; readonly name: string; readonly value: number }[];
    }[];
  }[];
}

describe('modelCard', () => {
  const card = modelCard(exampleFigures());
  const [, front, text] = /^---\n([^]*?)\n---\n\n([^]*)$/.exec(card)!;
  const metadata = parse(front!) as Metadata;

  it('begins with metadata that have what a model index must', () => {
    const index = metadata['model-index'];
    expect(index.map(({ name }) => name)).toEqual(['lenet5', 'mine|<b>']);
    for (const { results } of index) {
      for (const { task, dataset, metrics } of results) {
        expect(task.type).toBe('image-classification');
        expect(dataset.type).toMatch(/^[\w-]+$/);
        expect(dataset.name).not.toBe('');
        expect(metrics.length).toBeGreaterThan(0);
        for (const { type, name, value } of metrics)
          expect([typeof type, typeof name, typeof value]).toEqual(['string', 'string', 'number']);
      }
    }
  });

  it('has robust accuracy in its metadata only where it is established', () => {
    const names = metadata['model-index'].map(({ results }) =>
      results[0]!.metrics.map(({ name, value }) => [name, value]),
    );
    expect(names[0]).toEqual([
      ['Accuracy', 0.98],
      ['Robust accuracy under linf(8/255)', 0.5],
      ['Robust accuracy under l2(0.5)', 0.5],
    ]);
    expect(names[1]).toEqual([['Accuracy', 0.98]]);
  });

  it("has the sections of the template's evaluation, and says what is open", () => {
    const headings = text!.split('\n').filter((line) => line.startsWith('#'));
    expect(headings).toEqual([
      ...['## Evaluation', '### Testing Data, Factors & Metrics', '#### Testing Data', '#### Factors', '#### Metrics'],
      ...['### Results', '#### Summary'],
    ]);
    expect(text).toMatch(/\| lenet5 +\| +linf\(8\/255\) \| +98\.00% \| +50\.00% \| +40\.00 to 60\.00% \|/);
    expect(text).toMatch(/not established \(0\.00%\)/);
    expect(text).toContain('high, zero-gradient: The gradient is zero on 12 of 16 instances.');
    expect(text).not.toContain('mine|<b>');
  });
});

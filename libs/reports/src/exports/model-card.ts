import { specOf } from '@rampart/results';
import { stringify } from 'yaml';

import { aligned, escaped } from '../formats/markdown-table';
import { fileName } from './file-name';
import type { RobustFigure, RobustFigures } from './robust-figures';

/**
 * A section for a model card in Hugging Face's layout: metadata with `model-index` in the front, and the section
 * "Evaluation" of its template. A figure that is not established is in the text and not in the metadata.
 * @see https://github.com/huggingface/hub-docs/blob/main/modelcard.md
 */
export function modelCard({ report, figures }: RobustFigures): string {
  const { run } = report;
  const models = [...new Set(figures.map(({ figure }) => figure.model))];
  const metadata = {
    library_name: 'onnx',
    tags: ['adversarial-robustness'],
    'model-index': models.map((model) => ({
      name: model,
      results: [
        {
          task: { type: 'image-classification', name: 'Image Classification' },
          dataset: { type: fileName(specOf(run.dataset)?.name ?? run.dataset), name: run.dataset, split: 'test' },
          metrics: metricsOf(figures.filter(({ figure }) => figure.model === model)),
        },
      ],
    })),
  };
  const threats = [...new Set(figures.map(({ threat }) => threat.threat))];
  const parts = [
    '## Evaluation',
    '### Testing Data, Factors & Metrics',
    '#### Testing Data',
    `${escaped(run.dataset)}: ${figures[0]!.figure.instances} instances of its test set.`,
    '#### Factors',
    `What an attacker may do to an instance, who knows the model: ${threats.join(', ')}, a norm with its radius in the units of the pixel box.`,
    '#### Metrics',
    'Robust accuracy: the share of the test set that is right and stays right under every attack, instance by instance, with its 95% interval. It is an upper bound: a stronger attack may find more.',
    '### Results',
    resultsTable(figures),
    ...figures.flatMap(openText),
    '#### Summary',
    ...models.map((model) => summary(figures.filter(({ figure }) => figure.model === model))),
    `Measured by Rampart, run ${run.id}, seed${run.seeds.length > 1 ? 's' : ''} ${run.seeds.join(', ')}.`,
  ];
  return `---\n${stringify(metadata, { lineWidth: 0 })}---\n\n${parts.join('\n\n')}\n`;
}

function metricsOf(figures: readonly RobustFigure[]): object[] {
  const round = (value: number) => Number(value.toFixed(4));
  return [
    { type: 'accuracy', name: 'Accuracy', value: round(figures[0]!.figure.cleanAccuracy.value) },
    ...figures
      .filter(({ figure }) => figure.established)
      .map(({ threat, figure }) => ({
        type: 'accuracy',
        name: `Robust accuracy under ${threat.threat}`,
        value: round(figure.robustAccuracy.value),
        args: { threat: threat.threat, attacks: attacksOf(figure) },
      })),
  ];
}

function resultsTable(figures: readonly RobustFigure[]): string {
  return aligned(
    ['model', 'threat', 'accuracy', 'robust accuracy', '95% interval', 'attacks'],
    figures.map(({ threat, figure }) => [
      escaped(figure.model),
      threat.threat,
      percent(figure.cleanAccuracy.value),
      figure.established ? percent(figure.robustAccuracy.value) : `not established (${worst(figure)})`,
      interval(figure),
      escaped(attacksOf(figure).join(', ')),
    ]),
  );
}

function openText({ threat, figure, open }: RobustFigure): string[] {
  const grave = open.filter(({ severity }) => severity !== 'low');
  if (grave.length === 0) return [];
  const items = grave.map(({ severity, audit, summary: text }) => `- ${severity}, ${audit}: ${escaped(text)}`);
  return [`Open about ${escaped(figure.model)} under ${threat.threat}:`, [...new Set(items)].join('\n')];
}

function summary(figures: readonly RobustFigure[]): string {
  const { model, cleanAccuracy } = figures[0]!.figure;
  const told = figures.map(({ threat, figure }) =>
    figure.established
      ? `${worst(figure)} (${interval(figure)}) under ${threat.threat}`
      : `a figure that is not established under ${threat.threat}`,
  );
  return `${escaped(model)} is right on ${percent(cleanAccuracy.value)} without an attack, and stays right on ${told.join(', ')}.`;
}

/** Attacks by themselves, without the components of ensembles. */
function attacksOf({ attacks }: RobustFigure['figure']): string[] {
  return attacks.filter(({ component }) => component === undefined).map(({ attack }) => attack);
}

function worst({ robustAccuracy }: RobustFigure['figure']): string {
  return percent(robustAccuracy.value);
}

function interval({ robustAccuracy: { low, high } }: RobustFigure['figure']): string {
  return low === undefined || high === undefined ? '-' : `${(100 * low).toFixed(2)} to ${percent(high)}`;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(2)}%`;
}

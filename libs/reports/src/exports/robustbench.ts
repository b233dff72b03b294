import { formatNumber, RampartError } from '@rampart/core';
import { imageFacts, specOf } from '@rampart/results';

import { fileName, FileNames } from './file-name';
import type { RobustFigure, RobustFigures } from './robust-figures';

/** What RobustBench calls the norms that it has leaderboards of. */
const THREATS: Readonly<Partial<Record<string, string>>> = { linf: 'Linf', l2: 'L2' };

/** One file of RobustBench's `model_info`. Percentages and epsilons are text there. */
export interface ModelInfo {
  /** What only the authors know: null, to be filled in. */
  readonly link: null;
  readonly name: string;
  readonly authors: null;
  readonly additional_data: null;
  readonly number_forward_passes: number;
  readonly dataset: string;
  readonly venue: null;
  readonly architecture: string;
  /** For pixels from 0 to 1. */
  readonly eps: string;
  readonly clean_acc: string;
  readonly reported: null;
  /** Under the standard AutoAttack. */
  readonly autoattack_acc: string;
  /** Under all attacks together, where they find more. */
  readonly external?: string;
  /** Where an audit leaves the figure not established. */
  readonly unreliable?: true;
  readonly footnote: string;
}

/** A file and where it lies: `cifar10/Linf/lenet5.json`. */
export interface ModelInfoFile {
  readonly folders: readonly [dataset: string, threat: string];
  readonly name: string;
  readonly info: ModelInfo;
}

/**
 * What a run says about models in the layout of RobustBench's `model_info`: a folder a dataset and threat, a file a
 * model.
 * @throws RampartError `usage` for a run without the standard AutoAttack in l-infinity or l2
 * @see Croce et al. 2021, RobustBench: a standardized adversarial robustness benchmark
 */
export function modelInfoFiles({ report, figures }: RobustFigures): ModelInfoFile[] {
  const { run } = report;
  const { min, max } = imageFacts(run).box;
  const dataset = fileName(specOf(run.dataset)?.name ?? run.dataset);
  const files = figures.flatMap(({ threat, figure, model, open }): ModelInfoFile[] => {
    const folder = THREATS[threat.norm];
    const autoattack = figure.attacks.find(isStandard);
    if (folder === undefined || !autoattack) return [];
    const worst = figure.robustAccuracy.value;
    const { low, high } = figure.robustAccuracy;
    const bounds = low === undefined || high === undefined ? '' : ` (95% interval ${percent(low)} to ${percent(high)})`;
    const doubts = open.filter(({ severity }) => severity === 'high').map(({ summary }) => ` ${summary}`);
    const info: ModelInfo = {
      ...{ link: null, name: figure.model, authors: null, additional_data: null, number_forward_passes: 1, dataset },
      ...{ venue: null, architecture: String(model?.facts['architecture'] ?? figure.model) },
      eps: formatNumber(threat.epsilon / (max - min)),
      clean_acc: percent(figure.cleanAccuracy.value),
      reported: null,
      autoattack_acc: percent(autoattack.robustAccuracy.value),
      ...(worst < autoattack.robustAccuracy.value && { external: percent(worst) }),
      ...(!figure.established && { unreliable: true as const }),
      footnote: `Of ${figure.instances} test instances ${percent(worst)} stay right under all attacks${bounds}.${doubts.join('')}`,
    };
    return [{ folders: [dataset, folder], name: figure.model, info }];
  });
  if (files.length > 0) return named(files);
  throw new RampartError({
    code: 'usage',
    message: `There is nothing to export: RobustBench lists the standard AutoAttack in l-infinity and l2, and run ${run.id} has ${[...new Set(figures.map(({ threat }) => threat.threat))].join(', ')} without it. Evaluate with --attacks autoattack, or leave --attacks out.`,
  });
}

/** Names of files: a model under two epsilons of a norm has two. */
function named(files: readonly ModelInfoFile[]): ModelInfoFile[] {
  const names = new Map(files.map(({ folders }) => [folders[1], new FileNames()]));
  return files.map((file) => {
    const { folders, name, info } = file;
    const again = files.filter((one) => one.folders[1] === folders[1] && one.name === name).length > 1;
    const text = again ? `${name}_eps-${info.eps.replace('/', '-')}` : name;
    return { ...file, name: `${names.get(folders[1])!.unique(text)}.json` };
  });
}

function isStandard({ attack, component }: RobustFigure['figure']['attacks'][number]): boolean {
  const spec = component === undefined ? specOf(attack) : undefined;
  return spec?.name === 'autoattack' && (spec.params['version'] ?? 'standard') === 'standard';
}

function percent(value: number): string {
  return (100 * value).toFixed(2);
}

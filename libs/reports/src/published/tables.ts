import type { CellMode } from '@rampart/results';

/** The datasets of the publication. */
export type PublishedDataset = 'mnist' | 'cifar10';

/** One table of the publication. */
export interface PublishedTable {
  readonly id: string;
  readonly title: string;
  readonly dataset: PublishedDataset;
  readonly metric: 'error-rate' | 'distortion';
  /** `static`: examples made against the undefended LeNet-5; `adaptive`: against the model of the row itself. */
  readonly mode: CellMode;
  /** Labels of the columns; `none` is the unmodified test set. */
  readonly attacks: readonly string[];
  /** As printed: error rates in percent of the whole test set, distortions in pixel units. */
  readonly rows: readonly { readonly model: string; readonly figures: readonly number[] }[];
  readonly note?: string;
}

export const PUBLICATION =
  'Chen, Li, Vorobeychik: Evaluation of Defensive Methods for DNNs against Multiple Adversarial Evasion Models (ICLR 2017 submission)';

/** Tables 1 to 6, with the names that an experiment file uses. `rad(*)` stands for RAD with any attack. */
export const PUBLISHED_TABLES: readonly PublishedTable[] = [
  {
    id: 'table1',
    title: 'Cross-model: classification error on MNIST; adversarial examples generated against the undefended LeNet-5',
    dataset: 'mnist',
    metric: 'error-rate',
    mode: 'static',
    attacks: ['fgs(epsilon=0.1)', 'fgs(epsilon=0.5)', 'cg', 'adam', 'none'],
    rows: [
      { model: 'lenet5', figures: [1.2, 46.1, 48.2, 48.9, 0.045] },
      { model: 'rad(attack=fgs(epsilon=0.1))', figures: [0.1, 0.5, 0.4, 3.0, 0.045] },
      { model: 'rad(attack=fgs(epsilon=0.5))', figures: [0.5, 0.1, 0, 2.5, 0.045] },
      { model: 'rad(attack=cg)', figures: [0.1, 1.4, 0.4, 2.9, 0.045] },
      { model: 'rad(attack=adam)', figures: [0, 0.1, 0.1, 0.1, 0.045] },
      { model: 'aec(attack=adam)', figures: [3.2, 20.6, 9.7, 2.6, 4.5] },
      { model: 'iaec(attack=fgs(epsilon=0.1))', figures: [1.3, 28.0, 18.3, 9.6, 1.1] },
      { model: 'iaec(attack=fgs(epsilon=0.5))', figures: [1.2, 1.4, 2.6, 5.5, 1.0] },
      { model: 'iaec(attack=cg)', figures: [1.6, 1.6, 1.5, 7.4, 1.2] },
      { model: 'iaec(attack=adam)', figures: [1.2, 5.2, 7.3, 2.3, 1.7] },
      { model: 'distillation(temperature=1)', figures: [0.6, 47.2, 29.4, 41.9, 0.2] },
      { model: 'distillation(temperature=100)', figures: [0.3, 42.3, 12.4, 28.5, 0.2] },
    ],
  },
  {
    id: 'table2',
    title:
      'Cross-model: classification error on CIFAR-10; adversarial examples generated against the undefended LeNet-5',
    dataset: 'cifar10',
    metric: 'error-rate',
    mode: 'static',
    attacks: ['fgs(epsilon=0.1)', 'fgs(epsilon=0.5)', 'cg', 'adam', 'none'],
    rows: [
      { model: 'lenet5', figures: [1.2, 46.1, 54.0, 52.7, 5.5] },
      { model: 'rad(attack=fgs(epsilon=0.1))', figures: [2.35, 2.0, 4.65, 3.0, 5.3] },
      { model: 'rad(attack=fgs(epsilon=0.5))', figures: [4.4, 2.7, 5.6, 2.6, 5.8] },
      { model: 'rad(attack=cg)', figures: [7.5, 2.45, 5.05, 2.2, 5.7] },
      { model: 'rad(attack=adam)', figures: [16.2, 2.8, 6.15, 2.4, 5.9] },
      { model: 'distillation(temperature=1)', figures: [21.3, 30.8, 13.8, 22.0, 11.0] },
      { model: 'distillation(temperature=100)', figures: [19.3, 25.2, 9.2, 20.2, 7.2] },
    ],
    note: 'The lenet5 cells for fgs(0.1) and fgs(0.5) equal those of table 1 and lie below the clean error: probably a copying slip in the publication.',
  },
  {
    id: 'table3',
    title: 'Additional attacks on MNIST: adversarial examples generated against the defended model itself',
    dataset: 'mnist',
    metric: 'error-rate',
    mode: 'adaptive',
    attacks: ['fgs(epsilon=0.1)', 'fgs(epsilon=0.5)', 'cg', 'adam'],
    rows: [
      { model: 'rad(attack=fgs(epsilon=0.1))', figures: [0.3, 9.6, 48.1, 49.0] },
      { model: 'rad(attack=fgs(epsilon=0.5))', figures: [0.8, 0.1, 45.7, 49.0] },
      { model: 'rad(attack=cg)', figures: [0.8, 3.4, 44.6, 49.0] },
      { model: 'rad(attack=adam)', figures: [0.1, 0.1, 40.2, 48.7] },
      { model: 'iaec(attack=fgs(epsilon=0.1))', figures: [4.2, 10.3, 49.9, 49.5] },
      { model: 'iaec(attack=fgs(epsilon=0.5))', figures: [5.2, 3.8, 49.8, 49.9] },
      { model: 'iaec(attack=cg)', figures: [5.3, 3.9, 49.9, 49.4] },
      { model: 'iaec(attack=adam)', figures: [4.6, 7.0, 49.9, 49.9] },
      { model: 'distillation(temperature=100)', figures: [0.2, 0.2, 49.0, 48.7] },
    ],
  },
  {
    id: 'table4',
    title: 'Additional attacks on CIFAR-10: adversarial examples generated against the defended model itself',
    dataset: 'cifar10',
    metric: 'error-rate',
    mode: 'adaptive',
    attacks: ['fgs(epsilon=0.1)', 'fgs(epsilon=0.5)', 'cg', 'adam'],
    rows: [
      { model: 'rad(attack=fgs(epsilon=0.1))', figures: [3.7, 2.7, 42.0, 52.7] },
      { model: 'rad(attack=fgs(epsilon=0.5))', figures: [5.3, 2.8, 49.0, 52.4] },
      { model: 'rad(attack=cg)', figures: [7.9, 2.8, 52.0, 52.7] },
      { model: 'rad(attack=adam)', figures: [6.3, 3.1, 54.0, 52.7] },
      { model: 'distillation(temperature=100)', figures: [9.05, 8.6, 54.0, 54.1] },
    ],
  },
  {
    id: 'table5',
    title: 'Distortion required on MNIST',
    dataset: 'mnist',
    metric: 'distortion',
    mode: 'adaptive',
    attacks: ['cg', 'adam'],
    rows: [
      { model: 'lenet5', figures: [0.0118, 0.006] },
      { model: 'rad(*)', figures: [0.0118, 0.006] },
      { model: 'iaec(attack=fgs(epsilon=0.1))', figures: [0.0042, 0.0031] },
      { model: 'iaec(attack=fgs(epsilon=0.5))', figures: [0.0058, 0.0028] },
      { model: 'iaec(attack=cg)', figures: [0.0069, 0.0023] },
      { model: 'iaec(attack=adam)', figures: [0.0064, 0.0029] },
      { model: 'distillation(temperature=100)', figures: [0.0106, 0.006] },
    ],
  },
  {
    id: 'table6',
    title: 'Distortion required on CIFAR-10',
    dataset: 'cifar10',
    metric: 'distortion',
    mode: 'adaptive',
    attacks: ['cg', 'adam'],
    rows: [
      { model: 'lenet5', figures: [0.0025, 0.0015] },
      { model: 'rad(*)', figures: [0.0025, 0.0015] },
      { model: 'distillation(temperature=100)', figures: [0.0025, 0.0015] },
    ],
  },
];

import type { PublishedDataset } from './tables';

/** A claim of the publication. */
export interface Claim {
  readonly id: 'C1' | 'C2' | 'C3' | 'C4' | 'C5' | 'C6' | 'C7';
  readonly text: string;
  readonly datasets: readonly PublishedDataset[];
  /** How a run's figures decide it. */
  readonly rule: string;
}

export const CLAIMS: readonly Claim[] = [
  {
    id: 'C1',
    text: 'RAD, retrained with any one attack, has a lower error than AEC, IAEC and distillation on every static attack (tables 1, 2).',
    datasets: ['mnist', 'cifar10'],
    rule: 'Each RAD against each other defense under each static attack: its error rate is lower.',
  },
  {
    id: 'C2',
    text: 'IAEC(adam) is more robust than AEC(adam) and has the lower clean error (table 1).',
    datasets: ['mnist'],
    rule: 'Under each static attack and on the unmodified test set: its error rate is lower.',
  },
  {
    id: 'C3',
    text: 'RAD keeps the clean error of the undefended model (tables 1, 2).',
    datasets: ['mnist', 'cifar10'],
    rule: "Each RAD's clean error is not above the undefended model's, or their 95% intervals overlap (with several seeds, the mean of each seed's interval).",
  },
  {
    id: 'C4',
    text: 'Attacked again, RAD resists single-step fgs but not the iterative cg and adam (tables 3, 4).',
    datasets: ['mnist', 'cifar10'],
    rule: "Each RAD's adaptive error under each fgs is less than half of that under cg and under adam.",
  },
  {
    id: 'C5',
    text: 'Attacked again, IAEC has a higher error than RAD (table 3).',
    datasets: ['mnist'],
    rule: 'IAEC against RAD trained with the same attack, under each adaptive attack: its error rate is higher.',
  },
  {
    id: 'C6',
    text: 'RAD needs the same distortion to evade as the undefended model; IAEC needs clearly less (table 5).',
    datasets: ['mnist'],
    rule: "Under adaptive cg and adam: RAD's mean distortion is within 25% of the undefended model's, IAEC's 95% interval lies below that of the undefended model.",
  },
  {
    id: 'C7',
    text: 'On MNIST, a larger epsilon makes fgs more effective against the undefended model (figure 1).',
    datasets: ['mnist'],
    rule: 'The recall of the undefended model is lower at each larger epsilon of the sweep, or 0 at both; without a sweep, its error rate is higher.',
  },
];

import type { LeaderboardRow } from '@rampart/api';

/** As a file: rates from 0 to 1, with their intervals. */
export function tableOf(rows: readonly LeaderboardRow[], dataset: string, threat: string): (string | number)[][] {
  const rounded = (value: number | undefined) => (value === undefined ? '' : Number(value.toPrecision(6)));
  const shareOf = (one: LeaderboardRow['cleanAccuracy']) => [one?.value, one?.low, one?.high].map(rounded);
  return [
    [
      ...['model', 'undefended', 'run', 'run id', 'dataset', 'threat', 'attacks'],
      ...[
        'robust accuracy',
        'low',
        'high',
        'n',
        'certified accuracy',
        'low',
        'high',
        'clean accuracy',
        'low',
        'high',
        'open findings',
        'gradients',
      ],
    ],
    ...rows.map((row) => [
      ...[row.model, row.undefended ? 'yes' : 'no', row.run.name, row.run.id, dataset, threat, row.attacks.join('; ')],
      ...[
        ...shareOf(row.robustAccuracy),
        row.attackable,
        ...shareOf(row.certifiedAccuracy),
        ...shareOf(row.cleanAccuracy),
      ],
      ...[row.doubts.join('; '), rounded(row.gradients)],
    ]),
  ];
}

import type { Verification, VerifiedSet } from '@rampart/experiments';
import { textTable } from '@rampart/reports';
import type { RunRecord } from '@rampart/results';

/** What verifying a run's examples found, for a terminal: a table of what was checked, and every example that fails. */
export function verificationText({ sets }: Verification, run: Pick<RunRecord, 'id' | 'name' | 'seeds'>): string {
  const several = run.seeds.length > 1;
  const nameOf = ({ model, attack, mode, seed }: VerifiedSet) =>
    `${model}, ${attack}, ${mode}${several ? `, seed ${seed}` : ''}`;
  const table = textTable(
    ['model', 'attack', 'mode', ...(several ? ['seed'] : []), 'examples', 'evade', '8-bit', 'held to', 'fail'],
    sets.map((set) => [
      set.model,
      set.attack,
      set.mode,
      ...(several ? [set.seed] : []),
      ...(set.damage === undefined
        ? [set.examples, set.evading, set.evading === 0 ? '-' : `${set.survive8Bit} of ${set.evading}`]
        : ['-', '-', '-']),
      set.ball ?? 'box',
      set.damage === undefined ? set.faults.length : 'damaged',
    ]),
  );
  // Examples against the model itself are also those that are replayed on it: they were judged once.
  const judged = [...new Map(sets.toReversed().map((set) => [set.evaluateStep, set])).values()].reverse();
  const lines = [
    `Stored examples of ${run.name} (run ${run.id}), judged again in sessions of their own`,
    table,
    'mode: adaptive, made against the model itself; static, made against another one and replayed on it',
    'evade: the original is judged right and the example wrong, or as its target',
    '8-bit: of these, how many still evade with every value rounded to 8 bits',
    'fail: another class than recorded, outside ball, box or feasible set, or another class at another batch size',
  ];
  const fixed = sets.filter(({ damage, otherBatch }) => damage === undefined && !otherBatch);
  for (const model of new Set(fixed.map((set) => set.model))) {
    lines.push(`${model}: its file runs at one batch size only, so no other was tried.`);
  }
  for (const set of judged) lines.push(...set.notes.map((note) => `${nameOf(set)}: ${note}.`));
  lines.push('');
  const damaged = judged.filter(({ damage }) => damage !== undefined);
  for (const set of damaged) lines.push(`${nameOf(set)}: ${set.damage}`);
  for (const set of judged) {
    for (const { testIndex, position, reasons } of set.faults) {
      lines.push(`${nameOf(set)}: test image ${testIndex} (row ${position}): ${reasons.join('; ')}.`);
    }
  }
  const wrong = sets.flatMap((set) =>
    set.figures.filter(({ recorded, found }) => recorded !== found).map((one) => ({ set, ...one })),
  );
  for (const { set, threat, recorded, found } of wrong) {
    lines.push(`${nameOf(set)}: under ${threat} the run counts ${recorded} that evade, and its examples ${found}.`);
  }
  const examples = judged.reduce((sum, set) => sum + set.examples, 0);
  const faults = judged.reduce((sum, set) => sum + set.faults.length, 0);
  if (faults + damaged.length + wrong.length === 0) lines.push(`Every one of ${examples} examples holds.`);
  else {
    const files = damaged.length === 0 ? '' : `; ${damaged.length} of ${judged.length} sets cannot be read whole`;
    lines.push(`${faults} of ${examples} examples do not hold${files}.`);
  }
  return `${lines.join('\n')}\n`;
}

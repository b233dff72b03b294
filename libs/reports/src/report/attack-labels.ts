/** What cells call the attack where there is none: the unmodified test set. */
export const NO_ATTACK = 'none';

/** What cells call the attack that stands for all of a run's: an instance is an error where any of them succeeded. */
export const WORST_CASE = 'worst-case';

/** Whether a cell's attack is an attack by itself. */
export function isAttack(label: string): boolean {
  return label !== NO_ATTACK && label !== WORST_CASE;
}

/** What people read in a label's place: the same words in every format. */
export function attackText(label: string): string {
  return label === NO_ATTACK ? 'no attack' : label === WORST_CASE ? 'worst case' : label;
}

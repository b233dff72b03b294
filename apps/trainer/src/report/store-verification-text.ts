import type { DamagedStep, StoreVerification } from '@rampart/results';

/** Whether a store holds all that was written to it. */
export function isWhole({ database, steps, runs, files }: StoreVerification): boolean {
  return [database, steps, runs, files].every((faults) => faults.length === 0);
}

/** What was found out about a store, line by line. */
export function storeVerificationText(found: StoreVerification, directory: string): string {
  const { database, steps, runs, files, checked } = found;
  const lines = [
    ...database.map((fault) => `database: ${fault}`),
    ...steps.flatMap(stepLines),
    ...runs.map((run) => `run ${run}: its experiment or its figures are not those that it ended with`),
    ...files.map((fault) => `${fault}; no step has made it`),
  ];
  const counts = `${checked.steps} steps, ${checked.runs} runs and ${checked.files} files`;
  return [
    ...lines,
    isWhole(found)
      ? `The store ${directory} holds what was written to it: ${counts} checked.`
      : `The store ${directory} is damaged: ${lines.length} faults in ${counts}.${advice(found)}`,
    '',
  ].join('\n');
}

function advice({ database, steps, runs, files }: StoreVerification): string {
  if (database.length > 0) return ' Restore rampart.db from a copy.';
  if (steps.length + runs.length > 0) return ' "rampart verify --repair" does again what is damaged.';
  return files.length > 0 ? ' Bring these files to the store again, or remove them.' : '';
}

/** What a reader of a run's report has to know of its store. */
export function damageText(steps: readonly DamagedStep[]): string {
  const lines = steps.flatMap(({ label, faults }) => faults.map((fault) => `  ${label}: ${fault}`));
  return [
    'rampart: The figures are those that the run ended with, but what they were measured on is damaged:',
    ...lines,
    'Run the experiment again with the same store, which makes it anew.',
    '',
  ].join('\n');
}

function stepLines({ label, faults, runs }: DamagedStep): string[] {
  const needed = runs.length === 0 ? 'no run needs it' : `needed by ${runs.join(', ')}`;
  return faults.map((fault) => `step "${label}" (${needed}): ${fault}`);
}

import type { RunSummary } from '@rampart/results';
import { parse } from 'yaml';

/** A setting that is not the same in all runs. */
export interface SettingsDifference {
  /** Its place in the experiment: `training.epochs`. */
  readonly field: string;
  /** One for each run, as text; undefined where a run says nothing of it. */
  readonly values: readonly (string | undefined)[];
}

/** What is no setting, or is shown as a column's head already. */
const LEFT_OUT = new Set(['name', 'description']);

/** In what the experiments of runs differ, in the order in which the first has it. */
export function settingsDiff(
  runs: readonly Pick<RunSummary, 'experiment' | 'engine' | 'seeds' | 'dataset'>[],
): SettingsDifference[] {
  const settings = runs.map(settingsOf);
  const fields = [...new Set(settings.flatMap((one) => [...one.keys()]))];
  return fields
    .map((field) => ({ field, values: settings.map((one) => one.get(field)) }))
    .filter(({ values }) => new Set(values).size > 1);
}

function settingsOf({ experiment, engine, seeds }: Parameters<typeof settingsDiff>[0][number]): Map<string, string> {
  const settings = new Map<string, string>();
  const note = (field: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) settings.set(field, String(value));
    else if (Array.isArray(value)) settings.set(field, value.map(written).join(', '));
    else for (const [key, one] of Object.entries(value)) note(field === '' ? key : `${field}.${key}`, one);
  };
  note('', fieldsOf(experiment));
  // What the run was asked for counts, whatever its file says.
  settings.set('seeds', seeds.join(', '));
  settings.set('engine', engine);
  for (const field of LEFT_OUT) settings.delete(field);
  return settings;
}

function fieldsOf(experiment: string): object {
  try {
    const value: unknown = parse(experiment);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

function written(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

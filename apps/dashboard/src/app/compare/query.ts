import type { AppRouter } from '@rampart/api';
import type { inferProcedureInput } from '@trpc/server';

export type CompareInput = inferProcedureInput<AppRouter['compare']['table']>;
type Column = CompareInput['columns'][number];

/** More columns than anybody reads side by side. */
export const MOST_COLUMNS = 40;

/** What the address of a comparison asks for: `runs=RUN` or `runs=RUN~MODEL`, parted by semicolons (whole runs: or commas). */
export function compareQuery(params: { get(name: string): string | null }): CompareInput {
  const metric = params.get('metric') ?? 'robust-accuracy';
  return {
    columns: readColumns(params.get('runs')),
    metric: /^[a-z][a-z0-9-]{0,40}$/.test(metric) ? metric : 'robust-accuracy',
    mode: params.get('mode') === 'static' ? 'static' : 'adaptive',
  };
}

export function readColumns(text: string | null): Column[] {
  // Whole runs may be parted by commas as well, which labels of models have inside of them.
  return (text ?? '')
    .split(/[;~]/.test(text ?? '') ? ';' : ',')
    .map((column): Column => {
      const [run = '', ...model] = column.split('~');
      return model.length > 0
        ? { run: run.slice(0, 64), model: model.join('~').slice(0, 300) }
        : { run: run.slice(0, 64) };
    })
    .filter((column) => column.run !== '' && column.model !== '')
    .slice(0, MOST_COLUMNS);
}

export function writeColumns(columns: readonly Column[]): string | undefined {
  const text = columns.map(({ run, model }) => (model === undefined ? run : `${run}~${model}`)).join(';');
  return text === '' ? undefined : text;
}

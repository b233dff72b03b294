import { canonicalJson, type ComponentSpec } from '@rampart/core';

import { type CellMode, specOf } from '@rampart/results';
import { PUBLISHED_TABLES, type PublishedDataset, type PublishedTable } from './tables';

/** Which figure is asked for. */
export interface PublishedQuery {
  readonly model: string;
  readonly attack: string;
  readonly mode: CellMode;
  readonly metric: string;
}

/** A figure as the publication has it. */
export interface PublishedFigure {
  /** In the units of cells: a rate is a fraction. */
  readonly value: number;
  readonly table: PublishedTable;
}

/**
 * What the publication has for a cell. The undefended model's adaptive figures are its static ones: both are made
 * against itself.
 */
export function publishedFigure(
  dataset: PublishedDataset | undefined,
  query: PublishedQuery,
): PublishedFigure | undefined {
  for (const table of PUBLISHED_TABLES) {
    if (table.dataset !== dataset || table.metric !== query.metric || !modeFits(table, query)) continue;
    const column = table.attacks.findIndex((attack) => compact(attack) === compact(query.attack));
    const row = table.rows.find((one) => modelFits(one.model, query.model));
    const printed = row?.figures[column];
    if (printed !== undefined) return { value: table.metric === 'error-rate' ? printed / 100 : printed, table };
  }
  return undefined;
}

/** The models and attacks that the publication has figures for, in its order. */
export function publishedLabels(dataset: PublishedDataset): {
  readonly models: readonly string[];
  readonly attacks: readonly string[];
} {
  const tables = PUBLISHED_TABLES.filter((table) => table.dataset === dataset && table.metric === 'error-rate');
  return {
    models: [...new Set(tables.flatMap((table) => table.rows.map((row) => row.model)))],
    attacks: [...new Set(tables.flatMap((table) => table.attacks))],
  };
}

function modeFits(table: PublishedTable, query: PublishedQuery): boolean {
  if (query.attack === 'none') return query.mode === 'clean';
  if (compact(query.model) === 'lenet5') return query.mode !== 'clean';
  return table.mode === query.mode;
}

/**
 * Whether a row is about a model: the publication names a defense by what it is trained against or at which
 * temperature, and leaves rounds, epochs and the like open, so a model may have any of these.
 */
function modelFits(row: string, model: string): boolean {
  if (compact(row) === compact(model)) return true;
  const [published, measured] = [defenseOf(row), defenseOf(model)];
  if (!published || !measured || published.name !== measured.name) return false;
  return Object.entries(published.params).every(([name, value]) => {
    const own = measured.params[name];
    return own !== undefined && canonicalJson(own) === canonicalJson(value);
  });
}

/** The defense that a label names with its parameters; `rad(*)` is RAD with any. */
function defenseOf(label: string): ComponentSpec | undefined {
  if (label === 'rad(*)') return { name: 'rad', params: {} };
  const spec = specOf(label);
  return spec && Object.keys(spec.params).length > 0 ? spec : undefined;
}

function compact(label: string): string {
  return label.replaceAll(/\s/g, '');
}

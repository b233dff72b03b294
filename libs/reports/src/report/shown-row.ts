import type { TableFeature } from '@rampart/core';

/** A column of a row: what it held, and what it holds now. */
export interface ShownCell {
  readonly name: string;
  /** In the table's units; the name of a category. */
  readonly original: string;
  readonly adversarial: string;
  readonly changed: boolean;
  /** After minus before, in the table's units; undefined for a category. */
  readonly difference?: string;
}

/** A table's row, and what an attack made of it. */
export interface ShownRow {
  readonly kind: 'row';
  readonly cells: readonly ShownCell[];
  /** The largest change of a feature, as a part of its range. */
  readonly scale: number;
}

/** A row in the table's own columns: the features of a category are one of them again. */
export function rowOf(features: readonly TableFeature[], original: Float32Array, adversarial: Float32Array): ShownRow {
  const cells: ShownCell[] = [];
  const seen = new Set<string>();
  let scale = 0;
  features.forEach((feature, k) => {
    scale = Math.max(scale, Math.abs(adversarial[k]! - original[k]!));
    const { column } = feature;
    if (feature.values === 'category' && column !== undefined) {
      if (seen.has(column)) return;
      seen.add(column);
      cells.push(cell(column, category(features, column, original), category(features, column, adversarial)));
    } else {
      const [before, after] = [inUnits(feature, original[k]!), inUnits(feature, adversarial[k]!)];
      const difference = signed(Number((Number(after) - Number(before)).toPrecision(6)));
      cells.push({ ...cell(feature.name, before, after), difference });
    }
  });
  return { kind: 'row', cells, scale };
}

function cell(name: string, original: string, adversarial: string): ShownCell {
  return { name, original, adversarial, changed: original !== adversarial };
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : `${value}`.replace('-', '−');
}

/** The category whose feature is the largest, without the column that its name begins with. */
function category(features: readonly TableFeature[], column: string, values: Float32Array): string {
  let [largest, name] = [-Infinity, ''];
  features.forEach((feature, k) => {
    if (feature.column !== column || !(values[k]! > largest)) return;
    [largest, name] = [values[k]!, feature.name];
  });
  return name.startsWith(column) ? name.slice(column.length + 1) : name;
}

/** To six digits of the feature's range. */
function inUnits({ values, min, max }: TableFeature, value: number): string {
  const own = min + (max - min) * value;
  if (values === 'integer') return String(Math.round(own));
  const digits = Math.max(0, Math.min(12, 5 - Math.floor(Math.log10(max - min))));
  return String(Number(own.toFixed(digits)));
}

import { formatComponent } from '@rampart/core';

import { type CellMode, type CellRecord, nameOf, specOf } from '@rampart/results';
import { isAttack } from './attack-labels';

/** A figure of a run, the mean over its seeds. */
export interface RunFigure {
  readonly metric: string;
  readonly model: string;
  readonly attack: string;
  readonly mode: CellMode;
  readonly value: number;
  /** Bounds of the 95% confidence interval of one seed's figure, their means over the seeds; unknown for curves. */
  readonly interval: readonly [low: number, high: number] | undefined;
}

/** A run's figures by label, however the labels are spaced. */
export class RunFigures {
  readonly models: readonly string[];
  readonly attacks: readonly string[];
  private readonly groups = new Map<string, CellRecord[]>();

  constructor(cells: readonly CellRecord[]) {
    this.models = [...new Set(cells.map((cell) => cell.model))];
    this.attacks = [...new Set(cells.filter(({ mode }) => mode !== 'transfer').map((cell) => cell.attack))].filter(
      isAttack,
    );
    for (const cell of cells) {
      const key = keyOf(cell.metric, cell.model, cell.attack, cell.mode);
      const group = this.groups.get(key);
      if (group) group.push(cell);
      else this.groups.set(key, [cell]);
    }
  }

  get(metric: string, model: string, attack: string, mode: CellMode): RunFigure | undefined {
    const cells = this.groups.get(keyOf(metric, model, attack, mode));
    if (!cells) return undefined;
    const mean = (of: (cell: CellRecord) => number) => cells.reduce((sum, cell) => sum + of(cell), 0) / cells.length;
    const interval = [mean((cell) => cell.low), mean((cell) => cell.high)] as const;
    return { metric, model, attack, mode, value: mean((cell) => cell.value), interval };
  }

  error(model: string, attack: string, mode: CellMode): RunFigure | undefined {
    return this.get('error-rate', model, attack, mode);
  }

  /** The models of a defense, by its name. */
  of(defense: string): string[] {
    return this.models.filter((model) => nameOf(model) === defense);
  }
}

function keyOf(metric: string, model: string, attack: string, mode: CellMode): string {
  return JSON.stringify([metric, normal(model), normal(attack), mode]);
}

const normalForms = new Map<string, string>();

/** The same text for labels that differ in nothing but their spaces. */
function normal(label: string): string {
  const known = normalForms.get(label);
  if (known !== undefined) return known;
  const spec = specOf(label);
  const form = spec ? formatComponent(spec) : label;
  normalForms.set(label, form);
  return form;
}

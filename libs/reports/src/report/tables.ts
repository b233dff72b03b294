import { publishedFigure } from '../published/lookup';
import type { CellMode, CellRecord, RunRecord } from '@rampart/results';
import { isAttack, NO_ATTACK, WORST_CASE } from './attack-labels';
import { type Measured, overSeeds } from './over-seeds';
import { caveatsOf, knowledgeText, type Peculiarities } from './peculiarities';
import { possibleErrors } from './possible-error';
import { targetOf, targetText } from './target-of';

export interface ReportCell extends Measured {
  readonly mode: CellMode;
  /** Observations of a seed, in the one with the most. */
  readonly n?: number;
  /** What the publication has, in the same unit. */
  readonly published: number | undefined;
  /** Measured minus published, in the same unit. */
  readonly difference: number | undefined;
}

/** One table of a report: models against attacks. */
export interface ReportTable {
  /** `static`, `adaptive`, `hamming` where labels are sets, `rejection` where models reject instances, `naive`, `distortion`, `cost`; `targeted-static` and `targeted` in a run that aims at classes. */
  readonly id: string;
  readonly title: string;
  /** What the figures do and do not say. */
  readonly note: string;
  readonly metric: string;
  readonly mode: CellMode;
  readonly unit: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly model: string; readonly cells: readonly (ReportCell | undefined)[] }[];
}

interface Layout {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly metric: string;
  readonly mode: Exclude<CellMode, 'clean'>;
  /** Whether clean figures and the worst case are columns of their own. */
  readonly framed: boolean;
}

/** First in a run whose attacks aim at classes; `TARGET` stands for what they aim at. */
const TARGETED: readonly Layout[] = [
  {
    id: 'targeted',
    title: 'Targeted success of attacks on the model itself (adaptive, white-box)',
    note: 'Of the attacked instances: taken for TARGET. The worst case takes for each instance the attack that reaches the target.',
    metric: 'success-rate',
    mode: 'adaptive',
    framed: true,
  },
  {
    id: 'targeted-static',
    title: 'Targeted success of replayed examples (static, transfer)',
    note: 'Of the attacked instances: taken for TARGET. Made against the undefended model and replayed.',
    metric: 'success-rate',
    mode: 'static',
    framed: true,
  },
];

const LAYOUTS: readonly Layout[] = [
  {
    id: 'adaptive',
    title: 'Error rate under attacks on the model itself (adaptive, white-box)',
    note: 'Of the whole test set, attacked or not. Made against the model of each row, end to end. The worst case takes the best attack for each instance.',
    metric: 'error-rate',
    mode: 'adaptive',
    framed: true,
  },
  {
    id: 'hamming',
    title: 'Hamming loss under attacks on the model itself (adaptive, white-box)',
    note: 'The fraction of labels that are wrong, of the whole test set, attacked or not. Attacks look for one wrong label: more of them came along.',
    metric: 'hamming-loss',
    mode: 'adaptive',
    framed: true,
  },
  {
    id: 'rejection',
    title: 'Rejection rate under attacks on the model itself (adaptive, white-box)',
    note: 'Of the whole test set, attacked or not: what a model takes for none of its classes. It is neither right nor an error; without an attack it is what the detection costs.',
    metric: 'rejection-rate',
    mode: 'adaptive',
    framed: true,
  },
  {
    id: 'naive',
    title: 'Error rate that naive attacks would have claimed',
    note: 'Of models that hide their gradients by rounding or random numbers, or that reject instances, under attacks that take gradients as they are, of one draw, and take no heed of rejections. No measure of robustness: the table above has attacks that go around it.',
    metric: 'error-rate',
    mode: 'naive',
    framed: true,
  },
  {
    id: 'static',
    title: 'Error rate under replayed examples (static, transfer)',
    note: 'Of the whole test set, attacked or not. Made against the undefended model and replayed on each model. No measure of robustness by itself.',
    metric: 'error-rate',
    mode: 'static',
    framed: true,
  },
  {
    id: 'distortion',
    title: 'Distortion that attacks on the model itself need',
    note: "Mean of sqrt(sum (x' - x)^2) / n over the attacked instances, in units of the samples' box.",
    metric: 'distortion',
    mode: 'adaptive',
    framed: false,
  },
  {
    id: 'cost',
    title: 'Cost of the attacks on the model itself',
    note: 'Mean gradient evaluations an attacked instance; each is a forward and a backward pass.',
    metric: 'gradient-evaluations',
    mode: 'adaptive',
    framed: false,
  },
];

/**
 * Arranges the figures of a run as tables, measured beside published. Tables without figures are left out.
 * @param repeated models that every seed measures alike: there is no deviation to tell of
 * @param peculiarities what titles and notes say of models
 */
export function reportTables(
  run: Pick<RunRecord, 'published'> & Partial<Pick<RunRecord, 'experiment'>>,
  cells: readonly CellRecord[],
  repeated: ReadonlySet<string> = new Set(),
  peculiarities: Peculiarities = new Map(),
): ReportTable[] {
  const most = possibleErrors(cells);
  const byKey = new Map<string, CellRecord[]>();
  for (const cell of cells) {
    const key = keyOf(cell.metric, cell.mode, cell.model, cell.attack);
    byKey.set(key, [...(byKey.get(key) ?? []), cell]);
  }
  const models = [...new Set(cells.map((cell) => cell.model))];
  const attacks = [...new Set(cells.map((cell) => cell.attack))].filter(isAttack);

  const target = run.experiment === undefined ? undefined : targetOf({ experiment: run.experiment });
  const layouts = target === undefined ? LAYOUTS : [...TARGETED.map((layout) => aimedAt(layout, target)), ...LAYOUTS];
  return layouts.flatMap((layout) => {
    const { metric, mode } = layout;
    // Without an attack nothing is aimed at.
    const clean = metric === 'success-rate' ? [] : [NO_ATTACK];
    const columns = layout.framed ? [...clean, ...attacks, WORST_CASE] : attacks;
    const rows = models.flatMap((model) => {
      const row = columns.map((attack): ReportCell | undefined => {
        const cellMode = attack === NO_ATTACK ? 'clean' : mode;
        const own = byKey.get(keyOf(metric, cellMode, model, attack)) ?? [];
        const figure = overSeeds(own, own[0] && Math.max(...own.map(most)));
        const measured = figure && repeated.has(model) ? { ...figure, deviation: undefined } : figure;
        const published = publishedFigure(run.published, { model, attack, mode: cellMode, metric })?.value;
        const difference = measured && published !== undefined ? measured.value - published : undefined;
        const n = Math.max(...own.map(({ count }) => count));
        return measured && { ...measured, mode: cellMode, n, published, difference };
      });
      return row.some((cell, index) => cell !== undefined && columns[index] !== NO_ATTACK)
        ? [{ model, cells: row }]
        : [];
    });
    const used = columns.map((_, index) => rows.some((row) => row.cells[index] !== undefined));
    const unit = cells.find((cell) => cell.metric === metric)?.unit ?? '';
    if (rows.length === 0) return [];
    return [
      {
        ...layout,
        ...wordsOf(
          layout,
          rows.map(({ model }) => model),
          peculiarities,
        ),
        unit,
        columns: columns.filter((_, index) => used[index]),
        rows: rows.map((row) => ({ ...row, cells: row.cells.filter((_, index) => used[index]) })),
      },
    ];
  });
}

function aimedAt(layout: Layout, target: string): Layout {
  return { ...layout, note: layout.note.replace('TARGET', targetText(target)) };
}

/** Title and note of a table, with what is peculiar about its models. */
function wordsOf(
  { title, note, framed }: Layout,
  models: readonly string[],
  peculiarities: Peculiarities,
): Pick<ReportTable, 'title' | 'note'> {
  const caveats = framed ? caveatsOf(models, peculiarities) : [];
  return {
    title: title.replace('white-box', knowledgeText(models, peculiarities)),
    note: [note, ...caveats].join(' '),
  };
}

function keyOf(metric: string, mode: CellMode, model: string, attack: string): string {
  return JSON.stringify([metric, mode, model, attack]);
}

import type { Matrix } from '@rampart/api';

import { percent } from '@/components/format';

/** What the matrix comes to, in words: the first thing that somebody wants to know of it. */
export function Verdict({ matrix }: { readonly matrix: Matrix }) {
  const rows = matrix.rows.flatMap((row) => {
    const attacked = row.cells.flatMap((cell, column) =>
      cell ? [{ attack: matrix.attacks[column]!, value: cell.value }] : [],
    );
    if (attacked.length === 0) return [];
    const worst = attacked.reduce((a, b) => (b.value > a.value ? b : a));
    return [{ model: row.model, attack: worst.attack, value: Math.max(worst.value, row.worst?.value ?? 0) }];
  });
  if (rows.length < 2) return null;
  const best = rows.reduce((a, b) => (b.value < a.value ? b : a));
  const worst = rows.reduce((a, b) => (b.value > a.value ? b : a));
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Statement
        title={`Stands up ${matrix.mode === 'adaptive' ? 'best' : 'best to transferred examples'}`}
        {...best}
      />
      <Statement title="Stands up worst" {...worst} />
    </div>
  );
}

function Statement(props: {
  readonly title: string;
  readonly model: string;
  readonly attack: string;
  readonly value: number;
}) {
  return (
    <div className="card px-4 py-3">
      <div className="text-xs text-ink-3">{props.title}</div>
      <div className="mt-0.5 flex flex-wrap items-baseline gap-x-2">
        <span className="text-[15px] font-semibold break-words">{props.model}</span>
        <span className="text-[13px] text-ink-2">
          errs on <strong className="figures text-ink">{percent(props.value)}</strong> in the worst case; its hardest
          attack is <strong className="font-medium text-ink">{props.attack}</strong>
        </span>
      </div>
    </div>
  );
}

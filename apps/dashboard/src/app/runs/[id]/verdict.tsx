import type { Matrix, MatrixFigure } from '@rampart/api';
import type { ReactNode } from 'react';

import { percent } from '@/components/format';
import { Label } from '@/components/label';

interface Standing {
  readonly model: string;
  readonly attack: string;
  readonly worst: MatrixFigure;
}

/** What the matrix comes to, in words: the first thing that somebody wants to know of it. */
export function Verdict({ matrix }: { readonly matrix: Matrix }) {
  const standings = matrix.rows.flatMap((row): Standing[] => {
    const attacked = row.cells.flatMap((cell, column) => (cell ? [{ attack: matrix.attacks[column]!, cell }] : []));
    if (attacked.length === 0) return [];
    const hardest = attacked.reduce((a, b) => (b.cell.value > a.cell.value ? b : a));
    const worst = row.worst && row.worst.value >= hardest.cell.value ? row.worst : hardest.cell;
    return [{ model: row.model, attack: hardest.attack, worst }];
  });
  if (standings.length < 2) return null;
  const best = standings.reduce((a, b) => (b.worst.value < a.worst.value ? b : a));
  const worst = standings.reduce((a, b) => (b.worst.value > a.worst.value ? b : a));
  const transfer = matrix.mode === 'static' ? ', on transferred examples' : '';
  if (best.worst.high >= worst.worst.low) {
    const [lowest, highest] = [percent(best.worst.value), percent(worst.worst.value)];
    return (
      <Statement title={`No model stands out${transfer}`}>
        In the worst case {standings.length === 2 ? 'both' : `all ${standings.length}`} err on{' '}
        <strong className="figures text-ink">{lowest === highest ? lowest : `${lowest} to ${highest}`}</strong>, and
        their intervals overlap. The hardest attack on {worst.model} is{' '}
        <strong className="font-medium text-ink">{worst.attack}</strong>.
        <Difference matrix={matrix} />
      </Statement>
    );
  }
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Statement title={`Most robust${transfer}`}>
        <Told {...best} />
      </Statement>
      <Statement title={`Least robust${transfer}`}>
        <Told {...worst} />
      </Statement>
    </div>
  );
}

/** Where models that fare alike in the worst case differ most: which attack one of them does withstand. */
function Difference({ matrix }: { readonly matrix: Matrix }) {
  const pairs = matrix.attacks.flatMap((attack, column) => {
    const measured = matrix.rows.flatMap(({ model, cells }) => {
      const cell = cells[column];
      return cell ? [{ model, cell }] : [];
    });
    if (measured.length < 2) return [];
    const low = measured.reduce((a, b) => (b.cell.value < a.cell.value ? b : a));
    const high = measured.reduce((a, b) => (b.cell.value > a.cell.value ? b : a));
    return low.cell.high < high.cell.low ? [{ attack, low, high }] : [];
  });
  const gap = ({ low, high }: (typeof pairs)[number]) => high.cell.value - low.cell.value;
  if (pairs.length === 0) return null;
  const { attack, low, high } = pairs.reduce((a, b) => (gap(b) > gap(a) ? b : a));
  return (
    <>
      {' '}
      They differ most under <strong className="font-medium text-ink">{attack}</strong>: {low.model} errs on{' '}
      <strong className="figures text-ink">{percent(low.cell.value)}</strong>, {high.model} on{' '}
      <strong className="figures text-ink">{percent(high.cell.value)}</strong>.
    </>
  );
}

function Told({ model, attack, worst }: Standing) {
  return (
    <>
      <span className="text-[15px] font-semibold text-ink">
        <Label text={model} />
      </span>{' '}
      errs on <strong className="figures text-ink">{percent(worst.value)}</strong> in the worst case; the hardest attack
      on it is <strong className="font-medium text-ink">{attack}</strong>
    </>
  );
}

function Statement({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="card px-4 py-3">
      <div className="text-xs text-ink-3">{title}</div>
      <p className="mt-0.5 text-[13px] text-ink-2">{children}</p>
    </div>
  );
}

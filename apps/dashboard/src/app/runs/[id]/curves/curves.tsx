'use client';

import type { EpsilonCurve } from '@rampart/api';
import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { useTRPC } from '@/client/trpc';
import { MODE_TEXT } from '@/components/format';
import { useSearchState } from '@/components/search-state';
import { Empty } from '@/components/ui/empty';
import { Segments } from '@/components/ui/segments';

import { Diagram, type DrawnSeries } from './diagram';
import {
  ATTACK_LOSS,
  ATTACK_LOSS_TEXT,
  type Budget,
  BUDGETS,
  diagramLook,
  EPSILON,
  robustnessDiagram,
} from './diagrams';
import { RobustnessCurves } from './robustness-curves';

function drawnEpsilon({ model, seeds, attackable, points }: EpsilonCurve): DrawnSeries {
  return {
    name: model,
    seeds,
    count: attackable,
    points: points.map(([x, y]) => [x, y] as const),
    bounds: points.map(([, , low, high]) => [low, high] as const),
    band: true,
  };
}

/** Diagrams of a run: what it recorded, and what its instances tell. */
export function Curves({ id }: { readonly id: string }) {
  const trpc = useTRPC();
  const { params, set } = useSearchState();
  const { data, error } = useQuery(trpc.curves.recorded.queryOptions({ id }));
  const { data: robustness } = useQuery(trpc.robustness.curves.queryOptions({ id }));
  const recorded = data?.diagrams ?? [];
  const isLoss = (name: string) => name.startsWith(`${ATTACK_LOSS}: `);
  const losses = recorded.flatMap((one) => (isLoss(one.diagram) ? [one.diagram.slice(ATTACK_LOSS.length + 2)] : []));
  const evaluated = data?.attacks ?? [];
  const norms = [...new Set(robustness?.map(({ norm }) => norm))];
  const choices = [
    ...norms.map(robustnessDiagram),
    ...(norms.length === 0 && evaluated.length > 0 ? [EPSILON] : []),
    ...recorded.map((one) => one.diagram).filter((one) => !isLoss(one)),
    ...(losses.length > 0 ? [ATTACK_LOSS] : []),
    ...(evaluated.length > 0 ? BUDGETS : []),
  ];
  const wanted = params.get('diagram');
  const preferred =
    choices.find((one) => one.startsWith('robustness-')) ??
    choices.find((one) => one === EPSILON) ??
    choices.find((one) => one === 'distortion') ??
    choices[0];
  const diagram = choices.find((one) => one === wanted) ?? preferred;
  const budget = BUDGETS.find((one) => one === diagram);
  const attacks = diagram === ATTACK_LOSS ? losses : evaluated;
  const attack =
    attacks.find((one) => one === params.get('attack')) ?? attacks.find((one) => one === 'adam') ?? attacks[0];
  const norm = norms.find((one) => robustnessDiagram(one) === diagram);
  const mode = params.get('mode') === 'static' ? 'static' : 'adaptive';
  const epsilon = useQuery(
    trpc.curves.epsilon.queryOptions({ id, mode }, { enabled: diagram === EPSILON, placeholderData: keepPreviousData }),
  );
  const made = useQuery(
    trpc.curves.budget.queryOptions(
      { id, attack: attack ?? 'none', mode, budget: (budget ?? 'distortion') as Budget },
      { enabled: budget !== undefined && attack !== undefined, placeholderData: keepPreviousData },
    ),
  );
  if (error)
    return (
      <Empty tone="bad" title="The curves cannot be read">
        {error.message}
      </Empty>
    );
  if (!data) return null;
  if (diagram === undefined) {
    return (
      <Empty icon="clock" title="No curves yet">
        Training curves appear when the first model is trained, the others with the first attack.
      </Empty>
    );
  }
  const name = diagram === ATTACK_LOSS ? `${ATTACK_LOSS}: ${attack}` : diagram;
  const series = budget ? (made.data ?? []) : (recorded.find((one) => one.diagram === name)?.series ?? []);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label="Diagram"
          value={diagram}
          options={choices.map((one) => [one, diagramLook(one).title] as const)}
          onChange={(value) => set({ diagram: value, hide: undefined, of: undefined, zoom: undefined })}
        />
        {(budget ?? diagram === ATTACK_LOSS) && (
          <select
            className="field"
            aria-label="Attack"
            value={attack}
            onChange={(event) => set({ attack: event.target.value, zoom: undefined })}
          >
            {attacks.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
        {(budget ?? diagram === EPSILON) && (
          <Segments
            label="Examples"
            value={mode}
            options={[
              ['adaptive', 'Adaptive'],
              ['static', 'Transfer'],
            ]}
            onChange={(value) => set({ mode: value === 'adaptive' ? undefined : value })}
          />
        )}
      </div>
      {diagram === EPSILON && (
        <p className="-mt-1 max-w-4xl text-xs text-ink-3">
          Of the instances that could be attacked, the share that stays right up to each epsilon: the nearest example
          that any attack found counts, instance by instance. An attack with more room finds no nearer ones, so that
          this is what is left at most. {MODE_TEXT[mode]}
        </p>
      )}
      {budget && <p className="-mt-1 text-xs text-ink-3">{MODE_TEXT[mode]}</p>}
      {diagram === ATTACK_LOSS && (
        <p className="-mt-1 max-w-4xl text-xs text-ink-3">
          {ATTACK_LOSS_TEXT} {MODE_TEXT.adaptive}
        </p>
      )}
      {norm !== undefined ? (
        <RobustnessCurves diagrams={robustness!.filter((one) => one.norm === norm)} />
      ) : diagram === EPSILON ? (
        epsilon.data ? (
          <Diagram
            diagram={EPSILON}
            look={diagramLook(EPSILON)}
            series={epsilon.data.map(drawnEpsilon)}
            stale={epsilon.isPlaceholderData}
          />
        ) : (
          <div className="skeleton h-[440px]" />
        )
      ) : budget && made.isPending ? (
        <div className="skeleton h-[440px]" />
      ) : (
        <Diagram
          diagram={diagram}
          look={diagramLook(diagram)}
          series={series}
          stale={budget !== undefined && made.isPlaceholderData}
        />
      )}
    </div>
  );
}

'use client';

import type { DrawnRobustness, RobustnessPoint } from '@rampart/api';
import { type SeriesLook, seriesLook } from '@rampart/charts';

import { useSearchState } from '@/components/search-state';
import { Segments } from '@/components/ui/segments';

import { MODES } from '../robustness/modes';
import { Diagram, type DrawnSeries } from './diagram';
import { diagramLook, robustnessDiagram } from './diagrams';

/** What rounding makes of a distance: such an example counts as within epsilon, in the figures as in the drawing. */
const ROUNDING = 1e-6;

/** The worst case is what counts, and the attacks are what it is made of. */
const BOLD = 1.6;
const THIN = 0.7;
const WORST: SeriesLook = { colour: 'var(--ink)', dash: '', mark: 'circle' };
const CERTIFIED: SeriesLook = { ...WORST, dash: '6 3' };

/** Robust accuracy against epsilon in one norm: a model under each attack, or all models in the worst case. */
export function RobustnessCurves({ diagrams: all }: { readonly diagrams: readonly DrawnRobustness[] }) {
  const { params, set } = useSearchState();
  const modes = (['adaptive', 'static'] as const).filter((mode) => all.some((one) => one.mode === mode));
  const mode = modes.find((one) => one === params.get('mode')) ?? modes[0]!;
  const diagrams = all.filter((one) => one.mode === mode);
  const [first] = diagrams as [DrawnRobustness];
  const several = diagrams.length > 1;
  const only = several ? diagrams.find(({ model }) => model === params.get('of')) : first;
  const name = robustnessDiagram(first.norm);
  const epsilons = first.threats.map(({ epsilon }) => epsilon);
  return (
    <>
      {(several || modes.length > 1) && (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          {modes.length > 1 && (
            <Segments
              label="Examples"
              value={mode}
              options={[
                ['adaptive', 'Adaptive'],
                ['static', 'Transfer'],
              ]}
              onChange={(value) => set({ mode: value === 'adaptive' ? undefined : value, hide: undefined })}
            />
          )}
          {several && (
            <label className="flex min-w-0 items-center gap-2 text-[13px] text-ink-2">
              Model
              <select
                className="field min-w-0"
                value={only?.model ?? ''}
                onChange={(event) => set({ of: event.target.value, hide: undefined })}
              >
                <option value="">all, in the worst case</option>
                {diagrams.map(({ model }) => (
                  <option key={model}>{model}</option>
                ))}
              </select>
            </label>
          )}
        </div>
      )}
      <p className="-mt-1 max-w-4xl text-xs text-ink-3">
        The share of the test set that is right and stays right up to each epsilon. The worst case takes the nearest
        example that any attack found, instance by instance; its band is the 95% interval.
        {only?.certified && ' Certified is a bound from below, of the vote of all noisy copies, whatever the attack.'}
        {only && only.budgets.length > 0 && ' An attack that was told its epsilon is a mark there.'} {MODES[mode].text}
      </p>
      <Diagram
        diagram={only && several ? `${name} ${only.model}` : name}
        look={diagramLook(name)}
        series={only ? ofModel(only, epsilons) : ofModels(diagrams, epsilons)}
        marks={first.threats.map(({ threat, epsilon }) => ({ x: epsilon, name: threat }))}
      />
    </>
  );
}

/** A model in the worst case and under each attack. */
function ofModel(of: DrawnRobustness, epsilons: readonly number[]): DrawnSeries[] {
  const certified = of.certified ? [of.certified] : [];
  const end = farthest([of.worstCase, ...certified, ...of.attacks], epsilons);
  const shared = { seeds: of.seeds, count: of.instances };
  return [
    {
      ...shared,
      name: 'worst case',
      ...line(of.worstCase.points, epsilons, end),
      look: WORST,
      weight: BOLD,
      band: true,
    },
    ...certified.map(({ attack, points }) => ({
      ...shared,
      name: attack,
      ...line(points, epsilons, end),
      look: CERTIFIED,
      weight: BOLD,
      band: true,
    })),
    ...of.attacks.map(({ attack, points }, index) => ({
      ...shared,
      name: attack,
      ...line(points, epsilons, end),
      look: seriesLook(index),
      weight: THIN,
    })),
    ...of.budgets.map(({ attack, epsilon, robustAccuracy }, index) => ({
      ...shared,
      name: attack,
      points: [[epsilon, robustAccuracy] as const],
      look: seriesLook(of.attacks.length + index),
      dots: true,
    })),
  ];
}

/** Each model in the worst case. */
function ofModels(diagrams: readonly DrawnRobustness[], epsilons: readonly number[]): DrawnSeries[] {
  const end = farthest(
    diagrams.map(({ worstCase }) => worstCase),
    epsilons,
  );
  return diagrams.map((one, index) => ({
    seeds: one.seeds,
    count: one.instances,
    name: one.model,
    ...line(one.worstCase.points, epsilons, end),
    look: seriesLook(index),
    weight: BOLD,
    band: true,
  }));
}

function farthest(
  lines: readonly { readonly points: readonly RobustnessPoint[] }[],
  epsilons: readonly number[],
): number {
  return Math.max(...epsilons, ...lines.map(({ points }) => points.at(-1)?.[0] ?? 0));
}

/**
 * The steps of a line, to the end of the drawing: nothing was found beyond its last one. What rounding alone puts
 * beyond a threat's epsilon is drawn at it.
 */
function line(points: readonly RobustnessPoint[], epsilons: readonly number[], end: number) {
  const places = points.map(([x]) => epsilons.find((epsilon) => x > epsilon && x <= epsilon + ROUNDING) ?? x);
  const kept = points.flatMap(([, ...figures], at) =>
    places[at + 1] === places[at] ? [] : [[places[at]!, ...figures] as const],
  );
  const last = kept.at(-1);
  const steps = last && last[0] < end ? [...kept, [end, last[1], last[2], last[3]] as const] : kept;
  return {
    points: steps.map(([x, y]) => [x, y] as const),
    bounds: steps.map(([, , low, high]) => [low, high] as const),
  };
}

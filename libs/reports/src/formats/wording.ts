import type { RunRecord } from '@rampart/results';
import type { CurveDiagram } from '../report/curves';
import type { ClaimVerdict } from '../report/judge-claims';
import type { MadeWith } from '../report/made-with';

/** What a run is, in a line. */
export function runFacts(run: RunRecord): string {
  const seeds = run.seeds.length === 1 ? `seed ${run.seeds[0]}` : `seeds ${run.seeds.join(', ')}`;
  return `${run.dataset}, ${seeds}, engine ${run.engine}, run ${run.id} (${run.state})`;
}

/** `harden: rad 3, adam 3 (core 0.1.0)` */
export function versionsText({ kind, versions: { core, ...own } }: MadeWith): string {
  const components = Object.entries(own).map(([name, version]) => `${name} ${version}`);
  const names = components.join(', ') || 'no component';
  return core === undefined ? `${kind}: not recorded by the version that made it` : `${kind}: ${names} (core ${core})`;
}

const VERDICTS: Readonly<Record<ClaimVerdict['verdict'], string>> = {
  holds: 'holds',
  partly: 'holds in part',
  fails: 'fails',
  'not-measured': 'not measured',
};

/** `holds in part, 98 of 112 comparisons` */
export function verdictText({ verdict, holding, comparisons }: ClaimVerdict): string {
  const { length } = comparisons;
  return length === 0
    ? VERDICTS[verdict]
    : `${VERDICTS[verdict]}, ${holding} of ${length} ${length === 1 ? 'comparison' : 'comparisons'}`;
}

/** A diagram's title and what its axes are. */
export interface DiagramText {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

export function diagramText({ diagram }: CurveDiagram): DiagramText {
  if (diagram === GAME) {
    return {
      title: 'The repeated game: error rate after each round of attack and defense',
      x: 'round',
      y: 'error rate',
    };
  }
  const sweep = sweptParameter(diagram);
  if (sweep !== undefined) {
    return { title: `Recall of the malicious instances against ${sweep}`, x: sweep, y: 'recall' };
  }
  const [, noted] = /^training: (.*)$/.exec(diagram) ?? [];
  if (noted !== undefined) return { title: `Training: ${noted}`, x: TRAINING_STEPS[noted] ?? 'epoch', y: noted };
  const [, attack] = /^attack-loss: (.*)$/.exec(diagram) ?? [];
  if (attack !== undefined) return { title: `Loss of ${attack}`, x: 'evaluations of the model', y: 'loss' };
  return { title: diagram, x: 'x', y: 'y' };
}

/** The diagram of the repeated game. */
const GAME = 'rounds';

/** Of `recall-epsilon` the epsilon, of a game its round; undefined for diagrams that are no sweep. */
export function sweptParameter(diagram: string): string | undefined {
  if (diagram === GAME) return 'round';
  return /^recall-(.+)$/.exec(diagram)?.[1];
}

const TRAINING_STEPS: Readonly<Record<string, string>> = {
  'evading training instances': 'round',
  'front: worst-case error against clean error': 'clean error',
};

import { decodeNpy, featureCount, formatThreat, isEvasion, linfDistance, NORMS, type Threat } from '@rampart/core';
import { wilson } from '@rampart/metrics';
import type { AttackRobustness, InstanceOutcome } from '@rampart/results';
import { OUTCOMES } from '@rampart/results/artifacts';

import type { RobustnessAttack, RobustnessStep } from '../step';
import { commonTarget } from '../targets';
import { attackedTestIndices } from './attacked';
import { artifactOf, inputOf, predictionsOf, type StepContext, type StepResult } from './context';
import type { AttackOutput, AuditOutput, EvaluateOutput, RobustnessOutput } from './outputs';
import { robustnessCurve } from './robustness-curve';
import { isWithin } from './within-threat';

/** Puts together how a model withstands each threat: the worst case over its attacks, instance by instance. */
export async function runRobustness(step: RobustnessStep, context: StepContext): Promise<StepResult> {
  const { dataset } = context;
  const { labels } = dataset.test;
  const attacked = attackedTestIndices(dataset, step.target);
  const clean = await predictionsOf(context, step.clean);
  const right = labels.map((label, index) => Number(clean[index] === label));
  const instances = labels.length;
  const cleanRight = right.reduce((sum, one) => sum + one, 0);
  const attackable = Array.from(attacked.keys()).filter((position) => right[attacked[position]!] === 1);
  const seen: Seen[] = [];
  for (const attack of step.attacks) {
    seen.push(await look(attack, attacked, labels, commonTarget(step.target), context));
  }
  const naive: Seen[] = [];
  for (const attack of step.naive) {
    naive.push(await look(attack, attacked, labels, commonTarget(step.target), context));
  }
  const audit = step.audit === undefined ? undefined : (inputOf(context, step.audit).output as AuditOutput);
  if (audit) seen.push(...remediesOf(audit, step, attacked.length));

  const outcomesOf = (place: number) => {
    const { norm, epsilon } = step.threats[place]!;
    const ofNorm = seen.filter(({ attack }) => attack.norm === norm);
    const own = ofNorm.filter(({ attack }) => attack.fills.includes(place));
    return Array.from(attacked, (index, position): InstanceOutcome => {
      if (right[index] !== 1) return 'misclassified';
      if (ofNorm.some(({ distances }) => isWithin(distances[position]!, epsilon))) return 'evaded';
      return own.some(({ moved }) => moved[position] === 1) ? 'resisted' : 'unmoved';
    })
      .map((outcome) => OUTCOMES.indexOf(outcome))
      .join('');
  };

  /** Instances of the test set that some attacks leave right at a threat. */
  const leftBy = (some: readonly Seen[], { norm, epsilon }: Threat) => {
    const ofNorm = some.filter(({ attack }) => attack.norm === norm);
    const falls = (position: number) => ofNorm.some(({ distances }) => isWithin(distances[position]!, epsilon));
    return cleanRight - attackable.filter(falls).length;
  };

  const output: RobustnessOutput = {
    threats: step.threats.map((threat, place) => {
      const { norm, epsilon } = threat;
      const fallen = new Set<number>();
      const attacks: AttackRobustness[] = [];
      const own = seen.filter(({ attack }) => attack.fills.includes(place));
      // What an attack found within another epsilon counts here as well, if it is near enough.
      const beside = seen.filter(({ attack }) => attack.norm === norm && !attack.fills.includes(place)).map(asRemedy);
      for (const one of [...own, ...beside]) {
        const { distances } = one;
        const alone = attackable.filter((position) => isWithin(distances[position]!, epsilon));
        if (beside.includes(one) && alone.every((position) => fallen.has(position))) continue;
        alone.forEach((position) => fallen.add(position));
        attacks.push({
          attack: one.attack.label,
          // A remedy was run on what was left, others within another epsilon: alone they say nothing.
          robustAccuracy: (cleanRight - (one.remedy ? fallen.size : alone.length)) / instances,
          cumulativeRobustAccuracy: (cleanRight - fallen.size) / instances,
          successRate: attackable.length === 0 ? 0 : alone.length / attackable.length,
          medianDistance: median(attackable.map((position) => distances[position]!)),
          gradientEvaluations: mean(one.gradientEvaluations),
          forwardEvaluations: mean(one.forwardEvaluations),
          attackSteps: one.attack.attackSteps,
        });
        if (step.own && !one.remedy) attacks.push(...components(one, cleanRight, instances, attackable.length));
      }
      const drawn = audit?.drawn.find((one) => one.threat === place);
      const left = drawn ? Math.round(drawn.robustAccuracy * instances) : cleanRight - fallen.size;
      const { value, low, high } = wilson(left, instances)!;
      return {
        threat: formatThreat(threat),
        norm,
        epsilon,
        cleanAccuracy: drawn?.cleanAccuracy ?? cleanRight / instances,
        robustAccuracy: drawn?.robustAccuracy ?? value,
        low,
        high,
        instances,
        attacked: attacked.length,
        attackable: attackable.length,
        attacks,
        notes: [
          ...notesOf(seen, attackable.length),
          ...(naive.length > 0 ? [naiveNote(leftBy(naive, threat), instances, threat)] : []),
        ],
        // Of a model that draws random numbers, one judgement of an instance is not what came of it.
        ...(drawn ? { draws: drawn.draws } : { outcomes: outcomesOf(place) }),
      };
    }),
    curves: curvesOf(step, seen, attackable, cleanRight, instances),
  };
  return { output, artifacts: [] };
}

/** What is said beside the figure of a model that hides its gradients. */
function naiveNote(left: number, instances: number, threat: RobustnessStep['threats'][number]): string {
  const accuracy = ((100 * left) / instances).toFixed(1);
  return `Attacks that take the model's gradients as they are, of one draw, would have claimed a robust accuracy of ${accuracy}% at ${formatThreat(threat)}.`;
}

/** What one attack found. */
interface Seen {
  /** Whether it counts for what others left only: it was run on that, or within another epsilon. */
  readonly remedy: boolean;
  readonly attack: RobustnessAttack;
  /** Of each attacked instance, how far its example is; Infinity where it does not evade. */
  readonly distances: Float64Array;
  /** Of each attacked instance, 1 where its example is another point than the original. */
  readonly moved: Uint8Array;
  readonly gradientEvaluations: readonly number[];
  readonly forwardEvaluations: readonly number[];
  readonly stages: readonly NonNullable<AttackOutput['stages']>[number][];
}

/** An attack on another threat, for what it adds to the attacks on a threat: its cost and components are told of there. */
function asRemedy(seen: Seen): Seen {
  const attack = { ...seen.attack, attackSteps: [] };
  return { ...seen, remedy: true, attack, gradientEvaluations: [], forwardEvaluations: [] };
}

/** What the remedies of findings did, as attacks. */
function remediesOf({ remedies }: AuditOutput, { threats }: RobustnessStep, attacked: number): Seen[] {
  return remedies.map(({ label, threat, broken, gradientEvaluations, forwardEvaluations }) => {
    const distances = new Float64Array(attacked).fill(Infinity);
    for (const [position, distance] of broken) distances[position] = distance;
    return {
      remedy: true,
      attack: { label, evaluate: '', attackSteps: [], norm: threats[threat]!.norm, fills: [threat] },
      distances,
      moved: Uint8Array.from(distances, (distance) => Number(distance < Infinity)),
      gradientEvaluations: [gradientEvaluations / attacked],
      forwardEvaluations: [forwardEvaluations / attacked],
      stages: [],
    };
  });
}

async function look(
  attack: RobustnessAttack,
  attacked: Int32Array,
  labels: Int32Array,
  target: number | undefined,
  context: StepContext,
): Promise<Seen> {
  const features = featureCount(context.dataset.shape);
  const predicted = await predictionsOf(context, attack.evaluate);
  const { targets } = inputOf(context, attack.evaluate).output as EvaluateOutput;
  const examples = decodeNpy(await artifactOf(context, attack.evaluate, 'adversarial')).data as Float32Array;
  const { data: originals } = context.dataset.test.images;
  const outputs = attack.attackSteps.map((key) => inputOf(context, key).output as AttackOutput);
  /** Of an attacked instance, what lies between its example and its original. */
  const between = (distance: typeof linfDistance, position: number) =>
    distance(
      examples.subarray(position * features, (position + 1) * features),
      originals.subarray(attacked[position]! * features, (attacked[position]! + 1) * features),
      0,
      features,
    );
  const { distance } = NORMS[attack.norm];
  const distances = Float64Array.from(attacked, (index, position) => {
    const aim = targets?.[position] ?? target;
    const evades = isEvasion(predicted[index]!, labels[index]!, aim);
    return evades ? between(distance, position) : Infinity;
  });
  return {
    remedy: false,
    attack,
    distances,
    moved: Uint8Array.from(attacked, (_, position) => Number(between(linfDistance, position) > 0)),
    gradientEvaluations: outputs.flatMap(({ gradientEvaluations }) => gradientEvaluations),
    forwardEvaluations: outputs.flatMap(({ forwardEvaluations }) => forwardEvaluations),
    stages: outputs.flatMap(({ stages }) => stages ?? []),
  };
}

/** The components of an ensemble, each on what those of it before left robust, whatever attacks came before. */
function components(seen: Seen, cleanRight: number, instances: number, attackable: number): AttackRobustness[] {
  let left = cleanRight;
  return [...new Set(seen.stages.map(({ name }) => name))].map((name) => {
    const parts = seen.stages.filter((stage) => stage.name === name);
    const sum = (key: 'instances' | 'evaded' | 'forwardEvaluations' | 'gradientEvaluations') =>
      parts.reduce((total, part) => total + part[key], 0);
    left -= sum('evaded');
    const entered = Math.max(1, sum('instances'));
    return {
      attack: `${seen.attack.label}: ${name}`,
      robustAccuracy: left / instances,
      cumulativeRobustAccuracy: left / instances,
      successRate: attackable === 0 ? 0 : sum('evaded') / attackable,
      medianDistance: null,
      gradientEvaluations: sum('gradientEvaluations') / entered,
      forwardEvaluations: sum('forwardEvaluations') / entered,
      attackSteps: [],
    };
  });
}

function notesOf(seen: readonly Seen[], attackable: number): string[] {
  const notes = new Set<string>();
  if (attackable === 0) notes.add('The model gets none of the attacked instances right: there is nothing to attack.');
  for (const { stages } of seen) {
    for (const { name } of stages) {
      if (!name.endsWith('(difference)')) continue;
      notes.add(
        'With fewer than four classes there is no targeted difference of logits ratio: the difference of logits takes its place.',
      );
    }
  }
  return [...notes];
}

function curvesOf(
  step: RobustnessStep,
  seen: readonly Seen[],
  attackable: readonly number[],
  cleanRight: number,
  instances: number,
): RobustnessOutput['curves'] {
  return [...new Set(step.threats.map(({ norm }) => norm))].flatMap((norm) => {
    const asked = step.threats.filter((threat) => threat.norm === norm).map(({ epsilon }) => epsilon);
    const lines = seen
      .filter(({ attack }) => attack.norm === norm)
      .map((one) => ({
        attack: one.attack.label,
        distances: attackable.map((position) => one.distances[position]!),
      }));
    const nearest = attackable.map((_, i) => Math.min(...lines.map(({ distances }) => distances[i]!)));
    return [{ attack: 'worst-case', distances: nearest }, ...lines].map(({ attack, distances }) => ({
      norm,
      attack,
      instances,
      points: robustnessCurve(distances, { asked, cleanRight, instances }),
    }));
  });
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Null where half of the values are infinite, or there are none. */
function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const middle = sorted.length % 2 === 1 ? sorted[half]! : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
  return Number.isFinite(middle) ? middle : null;
}

import type { Rng } from '@rampart/core';
import type { AttackRobustness, RobustnessCurveRecord, RobustnessRecord, RunRecord, Store } from '@rampart/results';

interface Made {
  readonly run: RunRecord;
  readonly rng: Rng;
  readonly models: readonly string[];
  readonly modes: readonly RobustnessRecord['mode'][];
  /** The step that made them, and one whose duration stands for each attack's. */
  readonly step: string;
  readonly attackStep: string;
}

const THREATS = [
  { threat: 'linf(0.1)', norm: 'linf', epsilon: 0.1 },
  { threat: 'l2(1.5)', norm: 'l2', epsilon: 1.5 },
] as const;
const COMPONENTS = ['apgd-ce', 'apgd-t', 'fab-t', 'square'];
const TEST_SET = 2010;
const ATTACKED = 982;

/** Adds what runs with threats have: each model under an ensemble with its components, and a curve in each norm. */
export async function addRobustness(store: Store, { run, rng, models, modes, step, attackStep }: Made): Promise<void> {
  for (const [place, { model, mode }] of models.flatMap((model) => modes.map((mode) => ({ model, mode }))).entries()) {
    const records: RobustnessRecord[] = [];
    const curves: RobustnessCurveRecord[] = [];
    for (const { threat, norm, epsilon } of THREATS) {
      const noise = rng.split(model).split(mode).split(threat);
      // Distances of nearest examples; a model that is trained against attacks has them farther away.
      const typical = epsilon * (model === 'lenet5' && mode === 'adaptive' ? 0.4 : 0.7 + noise.uniform());
      const distances = Float64Array.from({ length: ATTACKED }, () => typical * (0.2 + 1.6 * noise.uniform())).sort();
      const right = TEST_SET - 8;
      const fallen = distances.filter((distance) => distance <= epsilon).length;
      const ensemble = `autoattack(${norm === 'linf' ? '' : `norm=${norm}, `}epsilon=${epsilon})`;
      const nearest = norm === 'linf' ? 'fmn' : `fmn(norm=${norm})`;
      const own = { runId: run.id, seed: 1, model, mode, norm, step, instances: TEST_SET };
      records.push({
        ...own,
        threat,
        epsilon,
        cleanAccuracy: right / TEST_SET,
        ...withInterval(right - fallen),
        attacked: ATTACKED,
        attackable: ATTACKED,
        attacks: [
          attack(ensemble, right, fallen - 1, { steps: [attackStep], gradients: 640, forwards: 1200 }),
          ...COMPONENTS.map((name, index) => ({
            ...attack(`${ensemble}: ${name}`, right, fallen - 5 + Math.min(4, index * 2), {
              gradients: 160,
              forwards: 300,
            }),
            successRate: (index === 0 ? fallen - 5 : 2) / ATTACKED,
          })),
          {
            ...attack(nearest, right, fallen - 2, { steps: [attackStep], gradients: 1000, forwards: 2 }),
            cumulativeRobustAccuracy: (right - fallen) / TEST_SET,
            medianDistance: distances[ATTACKED / 2]!,
          },
        ],
        notes: [],
      });
      for (const name of ['worst-case', nearest]) {
        const places = distances.filter((_, index) => index % 5 === 4);
        curves.push({
          ...own,
          attack: name,
          points: [
            [0, ...figures(right)],
            ...Array.from(places, (distance, index) => [distance, ...figures(right - (index + 1) * 5)] as const),
          ],
        });
      }
    }
    await store.robustness.put(records, curves, (place + 1) * 1000);
  }
}

function attack(
  label: string,
  right: number,
  fallen: number,
  cost: { readonly steps?: readonly string[]; readonly gradients: number; readonly forwards: number },
): AttackRobustness {
  return {
    attack: label,
    robustAccuracy: (right - fallen) / TEST_SET,
    cumulativeRobustAccuracy: (right - fallen) / TEST_SET,
    successRate: fallen / ATTACKED,
    medianDistance: null,
    gradientEvaluations: cost.gradients,
    forwardEvaluations: cost.forwards,
    attackSteps: cost.steps ?? [],
  };
}

function withInterval(robust: number): Pick<RobustnessRecord, 'robustAccuracy' | 'low' | 'high'> {
  const [robustAccuracy, low, high] = figures(robust);
  return { robustAccuracy, low, high };
}

function figures(robust: number): readonly [value: number, low: number, high: number] {
  const value = robust / TEST_SET;
  const half = 1.96 * Math.sqrt((value * (1 - value)) / TEST_SET) + 0.0005;
  return [value, Math.max(0, value - half), Math.min(1, value + half)];
}

import { type Dataset, featureCount, NORMS } from '@rampart/core';
import { type ArtifactRef, type ArtifactStore, decodeNpy, decodeNpyFloat32, type StepRecord } from '@rampart/results';

import type { AttackStep, RobustnessStep } from '../step';
import { attackedTestIndices } from '../steps/attacked';
import type { AttackOutput } from '../steps/outputs';
import { isWithin } from '../steps/within-threat';
import type { Tally } from './decide';

type Artifacts = Pick<ArtifactStore, 'read'>;

/** Counts who withstands each threat while a run goes on: whom it counts as fallen, robust accuracy does. */
export class GateTally {
  private readonly attacked: Int32Array;
  /** Which test instances are right without an attack; undefined until that is known. */
  private right: Uint8Array | undefined;
  /** By threat, of each attacked instance: whether it evades, and how many attacks it has been through. */
  private readonly fallen: readonly Uint8Array[];
  private readonly met: readonly Uint16Array[];

  constructor(
    private readonly robustness: RobustnessStep,
    private readonly dataset: Dataset,
  ) {
    this.attacked = attackedTestIndices(dataset, robustness.target);
    this.fallen = robustness.threats.map(() => new Uint8Array(this.attacked.length));
    this.met = robustness.threats.map(() => new Uint16Array(this.attacked.length));
  }

  /** Takes the evaluation of the clean test set. */
  async clean(record: StepRecord, artifacts: Artifacts): Promise<void> {
    const predicted = decodeNpy(await artifacts.read(artifactOf(record, 'predictions'))).data;
    this.right = Uint8Array.from(this.dataset.test.labels, (label, index) => Number(predicted[index] === label));
  }

  /** Takes a part of an attack. */
  async attack(step: AttackStep, record: StepRecord, artifacts: Artifacts): Promise<void> {
    const { threats, attacks } = this.robustness;
    const attack = attacks.find(({ attackSteps }) => attackSteps.includes(step.key));
    if (!attack) return;
    const { evaded } = record.output as AttackOutput;
    const examples = decodeNpyFloat32(await artifacts.read(artifactOf(record, 'adversarial'))).data;
    const features = featureCount(this.dataset.shape);
    const originals = this.dataset.test.images.data;
    for (const [place, { norm, epsilon }] of threats.entries()) {
      if (norm !== attack.norm) continue;
      for (let position = step.first; position < step.end; position++) {
        const row = position - step.first;
        this.met[place]![position]!++;
        if (evaded[row] !== 1) continue;
        const example = examples.subarray(row * features, (row + 1) * features);
        const at = this.attacked[position]! * features;
        const distance = NORMS[norm].distance(example, originals.subarray(at, at + features));
        if (isWithin(distance, epsilon)) this.fallen[place]![position] = 1;
      }
    }
  }

  /** What is known under one threat. */
  of(place: number): Tally {
    const instances = this.dataset.test.labels.length;
    const { right } = this;
    if (!right) return { instances, robustAtLeast: 0, robustAtMost: instances };
    const { norm } = this.robustness.threats[place]!;
    const attacks = this.robustness.attacks.filter((attack) => attack.norm === norm).length;
    let robustAtMost = right.reduce((sum, one) => sum + one, 0);
    let robustAtLeast = robustAtMost;
    this.attacked.forEach((index, position) => {
      if (right[index] === 0) return;
      const fallen = this.fallen[place]![position] === 1;
      if (fallen) robustAtMost--;
      if (fallen || this.met[place]![position]! < attacks) robustAtLeast--;
    });
    return { instances, robustAtLeast, robustAtMost };
  }

  /** Of each attacked instance, 1 where it can still turn out to stay right. */
  standing(place: number): Uint8Array {
    const { right } = this;
    return Uint8Array.from(this.attacked, (index, position) =>
      Number(right?.[index] !== 0 && this.fallen[place]![position] === 0),
    );
  }
}

function artifactOf({ artifacts }: StepRecord, name: string): ArtifactRef {
  return artifacts.find((one) => one.name === name)!;
}

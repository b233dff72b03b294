import { attacks as registry } from '@rampart/attacks';
import {
  type AuditDefinition,
  type AuditedAttack,
  type Doubt,
  formatThreat,
  NORMS,
  REMEDIES,
  type RemedyName,
  type Threat,
  type TriedRemedy,
} from '@rampart/core';

import type { Subject } from './audit-subject';
import { drawnAccuracy } from './drawn-accuracy';
import type { DrawnAccuracy, RemedyResult } from './outputs';
import { ATTACKING_REMEDIES, type AttackingRemedyName, MOST_TURNS } from './remedies';
import { throughFront } from './through-front';
import { isWithin } from './within-threat';

/** The part of the attackable instances that may be broken by attacks without gradients alone. */
const LEFT_TO_OTHERS = 0.02;

/** What became of the doubts about one threat. */
export interface Course {
  readonly threat: Threat;
  readonly tried: readonly TriedRemedy[];
  readonly results: readonly RemedyResult[];
  /** For a model that draws random numbers. */
  readonly drawn: DrawnAccuracy | undefined;
  /** Whether the remedies of an audit leave nothing of its doubt. */
  resolves(audit: AuditDefinition): boolean;
}

interface Options {
  readonly threat: Threat;
  /** The place of the threat in the step's list. */
  readonly place: number;
  /** Evaluations an attackable instance. */
  readonly budget: number;
  readonly doubts: readonly { readonly audit: AuditDefinition; readonly doubt: Doubt }[];
}

/**
 * Runs what helps against doubts about one threat, the cheapest first, each remedy on what is still robust. Remedies
 * that follow gradients are also run on what attacks without gradients broke: where they do no better, the model's
 * gradients still hide something.
 */
export async function treat(subject: Subject, options: Options): Promise<Course> {
  const treatment = await Treatment.begin(subject, options);
  const serious = options.doubts.filter(({ doubt }) => doubt.severity !== 'low');
  for (const remedy of REMEDIES) {
    if (serious.some(({ audit }) => audit.remedies.includes(remedy))) await treatment.run(remedy);
  }
  return treatment;
}

class Treatment implements Course {
  readonly threat: Threat;
  readonly tried: TriedRemedy[] = [];
  readonly results: RemedyResult[] = [];
  drawn: DrawnAccuracy | undefined;
  /** Positions broken by following gradients, and those broken at all. */
  private readonly byGradients = new Set<number>();
  private readonly broken = new Set<number>();
  private readonly features: number;
  private readonly attackable: ReadonlySet<number>;
  private spent = 0;

  private constructor(
    private readonly subject: Subject,
    private readonly options: Options,
  ) {
    this.threat = options.threat;
    this.features = subject.features;
    this.attackable = new Set(subject.attackable);
  }

  /** With what the run's own attacks broke. */
  static async begin(subject: Subject, options: Options): Promise<Treatment> {
    const treatment = new Treatment(subject, options);
    const all = Int32Array.from(subject.attacked.keys());
    for (const attack of subject.attacks) {
      for (const [position] of await treatment.evading(attack, all)) {
        treatment.broken.add(position);
        if (attack.attack.definition.knowledge === 'gradients') treatment.byGradients.add(position);
      }
    }
    return treatment;
  }

  async run(remedy: RemedyName): Promise<void> {
    if (this.spent > this.options.budget * this.subject.attackable.length) {
      this.skip(remedy, 'the budget for remedies is spent');
    } else if (remedy === 'transfer') await this.transfer();
    else if (remedy === 'averaging') await this.average();
    else if (remedy === 'inverted-front') await this.invert();
    else await this.attack(remedy);
  }

  resolves(audit: AuditDefinition): boolean {
    const ran = this.tried.filter(({ remedy, skipped }) => audit.remedies.includes(remedy) && skipped === undefined);
    if (ran.length === 0) return false;
    if (audit.remedies.includes('averaging')) return this.drawn !== undefined;
    const followed = ran.some(({ remedy }) => followsGradients(remedy));
    return followed && this.leftToOthers() <= Math.max(1, LEFT_TO_OTHERS * this.subject.attackable.length);
  }

  /** Instances that only attacks without gradients broke. */
  private leftToOthers(): number {
    return this.subject.attackable.filter((position) => this.broken.has(position) && !this.byGradients.has(position))
      .length;
  }

  private async attack(remedy: AttackingRemedyName): Promise<void> {
    const { gradients, attacks, repeats } = ATTACKING_REMEDIES[remedy];
    const { threat, subject } = this;
    const list = attacks(threat, subject.classes.length);
    const views = new Set<string>();
    let ran = false;
    for (const { spec: first, view, how } of list) {
      // Estimated gradients cost many evaluations each, and hide nothing that another loss would show.
      if (gradients && subject.estimated && Object.keys(view).length === 0) continue;
      let spec = first;
      for (let turn = 0; turn < (repeats ? MOST_TURNS : 1); turn++) {
        const positions = this.left(gradients);
        if (positions.length === 0) {
          if (!ran) this.note(remedy, [], positions.length, undefined, spec);
          return;
        }
        // Without an inner value that decides alike, logarithms of probabilities take its place, and not beside it.
        if (view.logits === 'log-probabilities' && views.has('inner')) break;
        const result = await subject.attack(spec, positions, view);
        if (!result) break;
        ran = true;
        if (view.logits) views.add(view.logits);
        const found = this.note(remedy, await this.evading(result, positions), positions.length, result, spec, how);
        if (!repeats || found === 0) break;
        spec = repeats(spec, turn + 1);
      }
    }
    if (!ran) this.skip(remedy, list.length === 0 ? 'not for this norm' : 'the model has no such view');
  }

  private async transfer(): Promise<void> {
    const all = Int32Array.from(this.subject.attacked.keys());
    for (const result of this.subject.transferred) {
      const found = await this.evading(result, all);
      this.note(
        'transfer',
        found,
        this.subject.attackable.length,
        undefined,
        result.attack.spec,
        'transferred',
        result,
      );
    }
    if (this.subject.transferred.length === 0) this.skip('transfer', 'there are no examples of another model');
  }

  private async invert(): Promise<void> {
    const positions = this.left(true);
    const result = positions.length === 0 ? undefined : await throughFront(this.subject, this.threat, positions);
    if (result) {
      const { attack } = result;
      this.note(
        'inverted-front',
        await this.evading(result, positions),
        positions.length,
        result,
        attack.spec,
        'inverted front',
      );
    } else this.skip('inverted-front', positions.length === 0 ? 'nothing is left' : 'the model has no such front');
  }

  private async average(): Promise<void> {
    const { place } = this.options;
    const { accuracy, attack, evaluations } = await drawnAccuracy(this.subject, this.threat, place);
    this.drawn = accuracy;
    this.spent += evaluations.gradientEvaluations + evaluations.forwardEvaluations;
    this.tried.push({
      ...{ remedy: 'averaging' as const, attack, threat: formatThreat(this.threat) },
      ...{ instances: this.subject.attacked.length, broken: 0, ...evaluations },
    });
  }

  /** Attackable instances that are not broken yet: by gradients, or at all. */
  private left(gradients: boolean): Int32Array {
    const broken = gradients ? this.byGradients : this.broken;
    return this.subject.attackable.filter((position) => !broken.has(position));
  }

  /** Which of some attackable instances an attack broke within the threat, and how far its examples are. */
  private async evading(result: AuditedAttack, positions: Int32Array): Promise<readonly (readonly [number, number])[]> {
    const { norm, epsilon } = this.threat;
    const rows = Int32Array.from(positions.keys()).filter(
      (row) => result.evades[row] === 1 && this.attackable.has(positions[row]!),
    );
    const distances =
      result.norm === norm
        ? Float64Array.from(rows, (row) => result.distances[row]!)
        : await this.distances(result, positions, rows);
    return [...rows].flatMap((row, i) => (isWithin(distances[i]!, epsilon) ? [[positions[row]!, distances[i]!]] : []));
  }

  /** How far the examples in some rows are from their originals, in the threat's norm. */
  private async distances(result: AuditedAttack, positions: Int32Array, rows: Int32Array): Promise<Float64Array> {
    const { distance } = NORMS[this.threat.norm];
    const examples = await result.examples(rows);
    const originals = this.subject.images(rows.map((row) => positions[row]!));
    return Float64Array.from(rows, (_, i) => distance(examples, originals, i * this.features, this.features));
  }

  /** Takes what a remedy found. Returns how many instances it broke. */
  private note(
    remedy: RemedyName,
    found: readonly (readonly [number, number])[],
    instances: number,
    result: AuditedAttack | undefined,
    spec: AuditedAttack['attack']['spec'],
    how = '',
    source?: AuditedAttack,
  ): number {
    const { place } = this.options;
    const gradientEvaluations = result?.gradientEvaluations ?? 0;
    const forwardEvaluations = result?.forwardEvaluations ?? 0;
    this.spent += gradientEvaluations + forwardEvaluations;
    const fresh = found.filter(([position]) => !this.broken.has(position)).length;
    for (const [position] of found) {
      this.broken.add(position);
      if (followsGradients(remedy)) this.byGradients.add(position);
    }
    const attack = registry.resolve(spec).label;
    const of = source ? `${attack} against ${source.madeAgainst}` : attack;
    this.tried.push({
      ...{ remedy, attack: of, threat: formatThreat(this.threat) },
      ...{ instances, broken: fresh, gradientEvaluations, forwardEvaluations },
    });
    // What found nothing left was no attack: a row of its own would pass for one of the run.
    if (!result && !source) return 0;
    this.results.push({
      ...{ label: how === '' ? of : `${how}: ${of}`, threat: place },
      ...{ broken: found, gradientEvaluations, forwardEvaluations },
    });
    return found.length;
  }

  private skip(remedy: RemedyName, skipped: string): void {
    this.tried.push({
      ...{ remedy, attack: '', threat: formatThreat(this.threat) },
      ...{ instances: 0, broken: 0, gradientEvaluations: 0, forwardEvaluations: 0, skipped },
    });
  }
}

function followsGradients(remedy: RemedyName): boolean {
  if (remedy === 'inverted-front') return true;
  return remedy !== 'transfer' && remedy !== 'averaging' && ATTACKING_REMEDIES[remedy].gradients;
}

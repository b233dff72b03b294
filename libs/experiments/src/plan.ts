import {
  type Attack,
  type ComponentSpec,
  contentKey,
  type Dataset,
  type DatasetSource,
  type Defense,
  type Resolved,
  type ComponentDefinition,
  formatThreat,
  type Obfuscation,
  RampartError,
  type Threat,
} from '@rampart/core';
import type { CellMode } from '@rampart/results';

import { averagedAttack } from './averaging';
import { certifyStep } from './certify/certify-step';
import { trainsWeights } from './check-trainable';
import type { ModelSource } from './components';
import { ensemble, type EnsembleParams } from './ensemble';
import type { FeasibleParams } from './feasible';
import type { CertifyParams, Experiment } from './experiment';
import type { OnnxFileParams } from './model-file';
import { attackedTestIndices } from './steps/attacked';
import { remedyVersions } from './steps/remedies';
import type { AttackStep, AuditedSource, RobustnessAttack, Step, StepKind, Versions } from './step';
import { parseTarget, type TargetChoice } from './targets';

/** Raised when a step of the kind computes something else than before. */
const STEP_VERSIONS: Readonly<Record<StepKind, number>> = {
  train: 2,
  import: 2,
  ensemble: 1,
  harden: 2,
  attack: 1,
  evaluate: 2,
  'worst-case': 2,
  audit: 1,
  robustness: 2,
  certify: 1,
};

/** In the order in which they are planned. */
const MODES = ['static', 'adaptive'] as const;

/** Attacked instances in one step: small enough to share among workers, large enough for full batches. */
const INSTANCES_PER_STEP = 512;

/** The same for attacks of a family, which keep their batches full by themselves; two steps at least, but of so many. */
const FAMILY_INSTANCES_PER_STEP = 256;
const FEWEST_INSTANCES_PER_STEP = 16;

/** A row of the tables: a model, and the step that makes it. */
export interface PlannedModel {
  readonly label: string;
  readonly seed: number;
  readonly step: string;
  /** Steps of the models that it is made from. */
  readonly parents: readonly string[];
}

/** A cell of the tables: the evaluation that fills it. */
export interface PlannedCell {
  readonly model: string;
  readonly attack: string;
  readonly mode: CellMode;
  readonly seed: number;
  readonly evaluate: string;
  readonly attackStep: string | undefined;
}

/** How a model withstands the threats: the step that finds out. */
export interface PlannedRobustness {
  readonly model: string;
  readonly mode: 'static' | 'adaptive';
  readonly seed: number;
  readonly step: string;
}

/** Where the findings about a model come from. */
export interface PlannedAudit {
  readonly model: string;
  readonly mode: 'static' | 'adaptive';
  readonly seed: number;
  readonly step: string;
}

/** What is certain of a model: the step that finds out. */
export interface PlannedCertificate {
  readonly model: string;
  readonly seed: number;
  readonly step: string;
}

/** A point of a curve over an attack's parameter. */
export interface PlannedPoint {
  readonly diagram: string;
  readonly model: string;
  readonly series: string;
  readonly seed: number;
  readonly x: number;
  /** The metric that it shows. */
  readonly metric: string;
  readonly evaluate: string;
}

/** Everything that an experiment will do, before any of it is done. */
export interface Plan {
  /** Hash of the plan: equal plans give equal results. */
  readonly key: string;
  /** Each step once, after the steps that it needs. */
  readonly steps: readonly Step[];
  readonly models: readonly PlannedModel[];
  readonly cells: readonly PlannedCell[];
  readonly points: readonly PlannedPoint[];
  readonly robustness: readonly PlannedRobustness[];
  readonly audits: readonly PlannedAudit[];
  readonly certificates: readonly PlannedCertificate[];
}

/** What a plan depends on besides the experiment. */
export interface PlanContext {
  readonly dataset: Dataset;
  /** The resolved engine: `onnx` or `tfjs`. */
  readonly engine: string;
  /** What determines the bytes of its models where the engine's name does not: the library that it runs on. */
  readonly library?: string | undefined;
  /** What instances may become; undefined for anything in their box. */
  readonly feasible?: FeasibleParams | undefined;
  /** Attacked instances in one step, of so many in all. Default: as many as fill batches and leave work to share. */
  readonly instancesPerStep?: ((attacked: number) => number) | undefined;
  /** SHA-256 of what the file of an `onnx` source is taken as. */
  checksumOf(source: ModelSource): string;
}

/** Lays an experiment out as a graph of content-addressed steps. Pure: nothing runs. */
export function planExperiment(experiment: Experiment, context: PlanContext): Plan {
  const planner = new Planner(experiment, context);
  for (const seed of experiment.seeds) planner.addSeed(seed);
  return planner.plan();
}

/** Names a step by all that determines its result. */
export function stepKey({ kind, needs }: Pick<Step, 'kind' | 'needs'>, determinedBy: unknown, engine?: string): string {
  return contentKey({ kind, version: STEP_VERSIONS[kind], needs, engine, determinedBy });
}

/** Whether a cell is of examples of an attack, which an evaluation has. */
export function isOfExamples({ attack, mode }: Pick<PlannedCell, 'attack' | 'mode'>): boolean {
  return mode !== 'clean' && attack !== 'worst-case';
}

class Planner {
  private readonly steps = new Map<string, Step>();
  private readonly models: PlannedModel[] = [];
  private readonly cells: PlannedCell[] = [];
  private readonly points: PlannedPoint[] = [];
  private readonly robustness: PlannedRobustness[] = [];
  private readonly audits: PlannedAudit[] = [];
  private readonly certificates: PlannedCertificate[] = [];
  private readonly data: unknown;
  private readonly attackedCount: number;
  private readonly target: TargetChoice | undefined;
  private readonly device: AttackStep['device'];
  /** Examples made against each model itself, by the step that makes it. */
  private readonly madeAgainst = new Map<string, readonly Made[]>();
  /** In a round of the repeated game: keys of the steps on its model and of those of the round before, in the same order. */
  private game: { readonly model: string; readonly before: readonly string[]; readonly now: string[] } | undefined;

  constructor(
    private readonly experiment: Experiment,
    private readonly context: PlanContext,
  ) {
    const { dataset } = context;
    this.data = dataset.checksum;
    this.target = parseTarget(experiment.target, dataset);
    this.device = experiment.device === 'cpu' ? undefined : experiment.device;
    this.attackedCount = attackedTestIndices(dataset, this.target).length;
    if (this.attackedCount === 0) throw nothingToAttack(experiment);
  }

  plan(): Plan {
    const steps = [...this.steps.values()];
    return {
      key: contentKey({
        steps: steps.map((step) => step.key),
        cells: this.cells,
        // Left out where there is none, so that plans without threats keep their keys.
        ...(this.robustness.length > 0 && { robustness: this.robustness }),
        ...(this.audits.length > 0 && { audits: this.audits }),
        ...(this.certificates.length > 0 && { certificates: this.certificates }),
      }),
      steps,
      models: this.models,
      cells: this.cells,
      points: this.points,
      robustness: this.robustness,
      audits: this.audits,
      certificates: this.certificates,
    };
  }

  addSeed(seed: number): void {
    const { experiment } = this;
    const several = experiment.seeds.length > 1 ? `, seed ${seed}` : '';
    let surrogate: { step: string; label: string } | undefined;
    const first = this.models.length;
    const bases = new Map<string, string>();
    for (const source of experiment.models) {
      const base = { step: this.baseStep(source, seed, several, bases), label: source.label };
      bases.set(source.label, base.step);
      surrogate ??= base;
      this.addModel({ ...base, obfuscated: votes(source) ? ['shattered'] : [] }, [], surrogate, seed, several);
      for (const defense of experiment.defenses) {
        const label = experiment.models.length > 1 ? `${defense.label} on ${source.label}` : defense.label;
        this.addRounds({ source, defense, label }, { base, surrogate, seed, several });
      }
    }
    const models = this.models.slice(first);
    if (experiment.examples.includes('transfer')) this.addTransfer(models, seed, several);
    if (experiment.certify) this.addCertificates(models, experiment.certify, several);
  }

  /** Every model under the examples made against every other one (the transferability matrix of Papernot et al. 2016). */
  private addTransfer(models: readonly PlannedModel[], seed: number, several: string): void {
    for (const model of models) {
      for (const other of models) {
        if (other === model) continue;
        for (const { attack, examples } of this.madeAgainst.get(other.step)!) {
          const name = `${attack.label} of ${other.label}`;
          const evaluate = this.evaluate(model.step, model.label, examples, name, several);
          this.cells.push({
            ...{ model: model.label, attack: name, mode: 'transfer', seed, evaluate, attackStep: examples[0] },
          });
        }
      }
    }
  }

  /** What is certain of the models that may be smoothed, held against all examples that they are judged under. */
  private addCertificates(models: readonly PlannedModel[], asked: CertifyParams, several: string): void {
    const smoothed = models.filter(({ step }) => maybeSmoothed(this.steps.get(step)!));
    if (smoothed.length === 0) throw nothingToCertify();
    for (const { label, seed, step } of smoothed) {
      const own = this.cells.filter((cell) => cell.model === label && cell.seed === seed);
      const clean = own.find(({ mode }) => mode === 'clean')!.evaluate;
      const examples = own.filter(isOfExamples).map(({ evaluate }) => evaluate);
      const model = { label: `certify ${label}${several}`, step, clean, examples, seed };
      const key = this.add(certifyStep(model, asked, { data: this.data, target: this.target }));
      this.certificates.push({ model: label, seed, step: key });
    }
  }

  /** A defended model, or one for each round of the repeated game: the defense of the model of the round before. */
  private addRounds(
    { source, defense, label }: { readonly source: ModelSource; readonly defense: Defense; readonly label: string },
    {
      base,
      surrogate,
      seed,
      several,
    }: {
      readonly base: { step: string; label: string };
      readonly surrogate: { step: string; label: string };
      readonly seed: number;
      readonly several: string;
    },
  ): void {
    const { rounds } = this.experiment;
    const { feasible } = this.context;
    const obfuscated = defense.definition.obfuscates?.(defense.params) ?? [];
    const judged: (readonly PlannedCell[])[] = [this.cellsOf(base.label, seed)];
    let model = base.step;
    for (let round = 1; round <= rounds; round++) {
      const name = rounds === 1 ? label : `${label}, round ${round}`;
      const [before, after] = judged.slice(-2).map((cells) => cells.map(({ evaluate }) => evaluate));
      // Against the undefended model everything is a change.
      const game = round > 2 ? { before: before!, after: after! } : undefined;
      const step = this.add({
        kind: 'harden',
        label: `harden ${source.label} by ${defense.label}${rounds === 1 ? '' : `, round ${round}`}${several}`,
        needs: [model, ...(game ? [...new Set([...game.before, ...game.after])] : [])],
        defense: defense.spec,
        model,
        engine: this.engineFor(source),
        device: this.device,
        feasible,
        ...(game && { game }),
        versions: defense.versions,
        determinedBy: {
          ...identity(defense),
          seed,
          data: this.data,
          ...(feasible && { feasible }),
          ...(this.device && { device: this.device }),
          ...(game && { game }),
        },
      });
      this.game = rounds === 1 ? undefined : { model: step, before: this.game?.now ?? [], now: [] };
      this.addModel({ label: name, step, obfuscated }, [model], surrogate, seed, several);
      if (rounds > 1) judged.push(this.cellsOf(name, seed));
      model = step;
    }
    this.game = undefined;
    if (rounds > 1) this.addGameCurve(label, judged, seed);
  }

  /** What a model is judged by in each round: without an attack, and under attacks on it. */
  private cellsOf(model: string, seed: number): readonly PlannedCell[] {
    return this.cells.filter(
      (cell) => cell.model === model && cell.seed === seed && (cell.mode === 'clean' || cell.mode === 'adaptive'),
    );
  }

  /** The error rates over the rounds of a game, with the undefended model as round 0. */
  private addGameCurve(label: string, judged: readonly (readonly PlannedCell[])[], seed: number): void {
    judged.forEach((cells, x) => {
      const [{ model }] = cells as [PlannedCell];
      for (const { attack, mode, evaluate } of this.cells.filter((one) => one.model === model && one.seed === seed)) {
        if (mode === 'naive') continue;
        const series = mode === 'clean' ? 'clean' : `${attack}, ${mode}`;
        this.points.push({ diagram: 'rounds', model: label, series, seed, x, metric: 'error-rate', evaluate });
      }
    });
  }

  /** @param bases the steps of the models before it, by what tables call them */
  private baseStep(
    source: Resolved<ComponentDefinition>,
    seed: number,
    several: string,
    bases: ReadonlyMap<string, string>,
  ): string {
    if (source.definition === ensemble) {
      const { of, answer } = source.params as EnsembleParams;
      const members = of.map((label) => bases.get(label) ?? noSuchMember(source, label, [...bases.keys()]));
      return this.add({
        kind: 'ensemble',
        label: `put ${source.label} together${several}`,
        needs: [...new Set(members)],
        ...{ members, answer, versions: source.versions },
        determinedBy: { members, answer, versions: source.versions },
      });
    }
    if (source.definition.name === 'onnx') {
      const checksum = this.context.checksumOf(source);
      const params = source.params as OnnxFileParams;
      return this.add({
        kind: 'import',
        label: `take ${params.path}`,
        needs: [],
        params,
        checksum,
        ...(trainsWeights(this.experiment) && { trained: true }),
        versions: source.versions,
        determinedBy: { checksum },
      });
    }
    return this.add({
      kind: 'train',
      label: `train ${source.label}${several}`,
      needs: [],
      architecture: source.spec,
      training: this.experiment.training,
      engine: this.context.engine,
      device: this.device,
      versions: source.versions,
      determinedBy: {
        ...{ ...identity(source), training: this.experiment.training, seed, data: this.data },
        ...(this.device && { device: this.device }),
      },
    });
  }

  /** A file that somebody brought is trained by the engine that trains any ONNX graph. */
  private engineFor(source: ModelSource): string {
    return source.definition.name === 'onnx' || source.definition === ensemble ? 'onnx' : this.context.engine;
  }

  /** The cells of one model: clean, replayed examples of the surrogate, and examples made against itself. */
  private addModel(
    { label, step, obfuscated }: JudgedModel,
    parents: readonly string[],
    surrogate: { step: string; label: string },
    seed: number,
    several: string,
  ): void {
    this.models.push({ label, seed, step, parents });
    const clean = this.evaluate(step, label, [], 'none', several);
    this.cells.push({ model: label, attack: 'none', mode: 'clean', seed, evaluate: clean, attackStep: undefined });
    const transferred: AuditedSource[] = [];
    // Replayed examples first: audits of what is made against the model itself look at them too.
    for (const mode of this.modes()) {
      const attacked = mode === 'static' ? surrogate : { step, label };
      const adaptive = mode === 'adaptive' ? obfuscated : [];
      const follow = (attack: Attack) => (adaptive.includes('stochastic') ? averagedAttack(attack) : attack);
      const made = this.experiment.attacks.map((attack) => {
        const examples = this.attackSteps(follow(attack), attacked, seed, several);
        const origin =
          mode === 'static' && attacked.step !== step ? `${attack.label} of ${attacked.label}` : attack.label;
        const evaluate = this.evaluate(step, label, examples, origin, several);
        this.cells.push({ model: label, attack: attack.label, mode, seed, evaluate, attackStep: examples[0] });
        return { attack, evaluate, examples };
      });
      if (mode === 'adaptive') this.madeAgainst.set(step, made);
      const own = attacked.step === step;
      const sources = made.map(({ attack, evaluate, examples }) => ({
        ...{ attack: follow(attack).spec, madeAgainst: attacked.label, evaluate, attackSteps: examples },
      }));
      if (!own) transferred.push(...sources);
      const place = { model: label, mode, seed };
      const audit = this.addAudit(place, step, clean, { attacks: own ? sources : [], transferred }, several);
      const naive = adaptive.length > 0 ? this.naively({ label, step }, seed, several) : [];
      this.addRobustness(place, own, clean, { made, naive }, audit, several);
      this.addWorstCase({ model: label, mode, seed }, made, several);
      if (naive.length > 0) this.addWorstCase({ model: label, mode: 'naive', seed }, naive, several);
    }
    for (const sweep of this.experiment.sweeps) {
      for (const { value, attack } of sweep.points) {
        const own = obfuscated.includes('stochastic') ? averagedAttack(attack) : attack;
        const examples = this.attackSteps(own, { step, label }, seed, several);
        const name = attack.definition.name;
        this.points.push({
          diagram: `recall-${sweep.parameter}`,
          model: label,
          series: `${label} under ${name}`,
          seed,
          x: value,
          metric: 'recall',
          evaluate: this.evaluate(step, label, examples, attack.label, several),
        });
      }
    }
  }

  /** The modes in which each model has figures of its own. */
  private modes(): readonly (typeof MODES)[number][] {
    return MODES.filter((one) => this.experiment.examples.includes(one));
  }

  /** Attacks that take the gradients of a model as they are, for what they would have claimed. */
  private naively({ label, step }: { step: string; label: string }, seed: number, several: string): readonly Made[] {
    return this.experiment.attacks.map((attack) => {
      const examples = this.attackSteps(attack, { step, label }, seed, several, { naive: true });
      const evaluate = this.evaluate(step, label, examples, `${attack.label}, naive`, several);
      this.cells.push({ model: label, attack: attack.label, mode: 'naive', seed, evaluate, attackStep: examples[0] });
      return { attack, evaluate, examples };
    });
  }

  /** The worst of several attacks for each instance. */
  private addWorstCase(
    place: { readonly model: string; readonly mode: CellMode; readonly seed: number },
    made: readonly Made[],
    several: string,
  ): void {
    const evaluations = made.map(({ evaluate }) => evaluate);
    if (evaluations.length < 2) return;
    const worst = this.add({
      kind: 'worst-case',
      label: `worst case of ${place.model}, ${place.mode}${several}`,
      needs: evaluations,
      evaluations,
      metrics: this.metricSpecs(),
      target: this.target,
      versions: this.metricVersions(),
      determinedBy: { evaluations, metrics: this.metricIdentities(), target: this.target },
    });
    this.cells.push({ ...place, attack: 'worst-case', evaluate: worst, attackStep: undefined });
  }

  /** What makes the figures of a model doubtful. Undefined where nobody wants to know. */
  private addAudit(
    place: Omit<PlannedAudit, 'step'>,
    model: string,
    clean: string,
    {
      attacks,
      transferred,
    }: { readonly attacks: readonly AuditedSource[]; readonly transferred: readonly AuditedSource[] },
    several: string,
  ): string | undefined {
    const { audits, remedyBudget: budget } = this.experiment;
    const modes = this.modes();
    if (audits.length === 0) return undefined;
    const threats = this.auditedThreats();
    const sources = [...attacks, ...transferred].flatMap(({ evaluate, attackSteps }) => [evaluate, ...attackSteps]);
    const asked = audits.map(({ spec }) => spec);
    const { feasible } = this.context;
    const versions = Object.assign({}, ...audits.map((audit) => audit.versions), remedyVersions()) as Versions;
    const step = this.add({
      kind: 'audit',
      label: `audit ${place.model}, ${place.mode}${several}`,
      needs: [...new Set([model, clean, ...sources])],
      ...{ audits: asked, budget, subject: place.model, model, mode: place.mode, modes, clean },
      ...{ attacks, transferred, threats, target: this.target, feasible },
      versions,
      determinedBy: {
        ...{ audits: asked, budget, model, mode: place.mode, modes, clean, attacks, transferred, threats, versions },
        ...{ target: this.target, data: this.data },
        ...(feasible && { feasible }),
      },
    });
    this.audits.push({ ...place, step });
    return step;
  }

  /** The experiment's threats; without any the balls of its attacks. */
  private auditedThreats(): Threat[] {
    const { threats, attacks } = this.experiment;
    if (threats.length > 0) return threats.map(({ threat }) => threat);
    const balls = attacks.flatMap(({ definition, params }): Threat[] => {
      const threat = definition.threat(params);
      return threat.norm === 'none' || threat.epsilon === Infinity ? [] : [threat];
    });
    return [...new Map(balls.map((threat) => [formatThreat(threat), threat])).values()];
  }

  /** What the attacks tell about the threats that they fill. */
  private addRobustness(
    place: Omit<PlannedRobustness, 'step'>,
    own: boolean,
    clean: string,
    { made, naive: naively }: { readonly made: readonly Made[]; readonly naive: readonly Made[] },
    audit: string | undefined,
    several: string,
  ): void {
    const { threats } = this.experiment;
    if (threats.length === 0) return;
    const filling = (some: readonly Made[]) =>
      some.flatMap(({ attack, evaluate, examples }): RobustnessAttack[] => {
        const fills = threats.flatMap((filled, index) =>
          filled.fills.some((fill) => fill.attack === attack) ? [index] : [],
        );
        if (fills.length === 0) return [];
        const { norm } = threats[fills[0]!]!.threat;
        return [{ label: attack.label, evaluate, attackSteps: examples, norm, fills }];
      });
    const [attacks, naive] = [filling(made), filling(naively)];
    const asked = threats.map(({ threat }) => threat);
    const step = this.add({
      kind: 'robustness',
      label: `robustness of ${place.model}, ${place.mode}${several}`,
      needs: [
        ...new Set([
          clean,
          ...[...attacks, ...naive].flatMap(({ evaluate, attackSteps }) => [evaluate, ...attackSteps]),
        ]),
        ...(audit === undefined ? [] : [audit]),
      ],
      ...{ clean, attacks, naive, own, threats: asked, target: this.target, audit },
      versions: {},
      determinedBy: {
        ...{ clean, attacks, own, threats: asked, target: this.target, ...(audit && { audit }) },
        // Left out where there is none, so that steps of other models keep their keys.
        ...(naive.length > 0 && { naive }),
      },
    });
    this.robustness.push({ ...place, step });
  }

  private attackSteps(
    attack: Attack,
    model: { step: string; label: string },
    seed: number,
    several: string,
    how: { readonly naive?: true } = {},
  ): string[] {
    const { feasible } = this.context;
    const shares = sharesOf(attack, this.attackedCount, this.context.instancesPerStep);
    const parts = shares.length;
    return shares.map(({ first, end }, part) => {
      return this.add({
        kind: 'attack',
        label: `attack ${model.label} with ${attack.label}${how.naive ? ', naive' : ''}${parts > 1 ? ` (${part + 1} of ${parts})` : ''}${several}`,
        needs: [model.step],
        attack: attack.spec,
        model: model.step,
        first,
        end,
        seed,
        target: this.target,
        feasible,
        device: this.device,
        ...how,
        versions: attack.versions,
        determinedBy: {
          ...identity(attack),
          model: model.step,
          first,
          end,
          seed,
          data: this.data,
          target: this.target,
          ...(feasible && { feasible }),
          ...(this.device && { device: this.device }),
          ...how,
        },
      });
    });
  }

  private evaluate(model: string, label: string, examples: readonly string[], attack: string, several: string): string {
    return this.add({
      kind: 'evaluate',
      label: `evaluate ${label} under ${attack}${several}`,
      needs: [model, ...examples],
      model,
      examples,
      metrics: this.metricSpecs(),
      target: this.target,
      versions: this.metricVersions(),
      determinedBy: { model, examples, data: this.data, metrics: this.metricIdentities(), target: this.target },
    });
  }

  private metricSpecs(): ComponentSpec[] {
    return this.experiment.metrics.map((metric) => metric.spec);
  }

  private metricVersions(): Versions {
    return Object.assign({}, ...this.experiment.metrics.map(({ versions }) => versions)) as Versions;
  }

  private metricIdentities(): unknown {
    return this.experiment.metrics.map(identity);
  }

  private add({ determinedBy, ...given }: KeylessStep & { determinedBy: unknown }): string {
    const fields = this.withPrevious(given);
    const { kind, needs } = fields;
    const named = 'engine' in fields ? fields.engine : undefined;
    const engine = named === this.context.engine ? (this.context.library ?? named) : named;
    const key = stepKey({ kind, needs }, determinedBy, engine);
    if (!this.steps.has(key)) this.steps.set(key, { ...fields, key } as Step);
    if (this.isInGame(fields)) this.game?.now.push(key);
    return key;
  }

  /** Whether a step is repeated in every round of a game, on the model of that round. */
  private isInGame(step: KeylessStep): boolean {
    return (step.kind === 'attack' || step.kind === 'audit') && step.model === this.game?.model;
  }

  /** A step of a round of the game with the same of the round before. */
  private withPrevious(step: KeylessStep): KeylessStep {
    const previous = this.isInGame(step) ? this.game?.before[this.game.now.length] : undefined;
    if (previous === undefined) return step;
    return { ...step, needs: [...step.needs, previous], previous } as KeylessStep;
  }
}

/** A model of the tables, and what it hides gradients by. */
interface JudgedModel {
  readonly label: string;
  readonly step: string;
  readonly obfuscated: readonly Obfuscation[];
}

/** Examples of an attack, and how a model judges them. */
interface Made {
  readonly attack: Attack;
  readonly evaluate: string;
  readonly examples: readonly string[];
}

/** How the attacked instances are shared out among the steps of an attack; whatever the share, examples are the same. */
function sharesOf(
  { definition }: Attack,
  count: number,
  instancesPerStep: PlanContext['instancesPerStep'],
): readonly { readonly first: number; readonly end: number }[] {
  // Where one instance's example depends on the others', they stay together.
  if (definition.scope === 'set') return [{ first: 0, end: count }];
  const family = definition.family !== undefined;
  const most = instancesPerStep?.(count) ?? (family ? FAMILY_INSTANCES_PER_STEP : INSTANCES_PER_STEP);
  const several = family && !instancesPerStep ? Math.min(2, Math.floor(count / FEWEST_INSTANCES_PER_STEP)) : 1;
  const parts = Math.max(several, Math.ceil(count / most));
  const size = family ? Math.ceil(count / Math.max(1, parts)) : most;
  return Array.from({ length: Math.max(1, parts) }, (_, part) => ({
    first: part * size,
    end: Math.min(count, (part + 1) * size),
  }));
}

/** Whether an ensemble decides by votes, which change in steps. */
function votes({ definition, params }: ModelSource): boolean {
  return definition === ensemble && params['answer'] === 'vote';
}

/** Whether a step may make a smoothed model: what a file is shows when it is read. */
function maybeSmoothed(step: Step): boolean {
  return step.kind === 'import' || (step.kind === 'harden' && step.defense.name === 'randomised-smoothing');
}

function nothingToCertify(): RampartError {
  return new RampartError({
    code: 'usage',
    message:
      'There is no smoothed model to certify. Add "randomised-smoothing" to the defenses, or leave "certify" out.',
  });
}

function noSuchMember({ label }: ModelSource, member: string, known: readonly string[]): never {
  throw new RampartError({
    code: 'usage',
    message: `${label} is made of models that stand before it. Received "${member}". Known there: ${known.join(', ') || 'none'}.`,
  });
}

function nothingToAttack({ target, dataset }: Experiment): RampartError {
  return new RampartError({
    code: 'usage',
    message: `There is no test instance of ${dataset.label} to attack${target === undefined ? '' : ` with target "${target}": it is the class that is attacked, so choose another`}.`,
  });
}

/** A step before its key is known. */
type KeylessStep = Step extends infer S ? (S extends Step ? Omit<S, 'key'> : never) : never;

function identity(component: Pick<DatasetSource, 'spec' | 'versions'>) {
  return { spec: component.spec, versions: component.versions };
}

/** What one stage of an attack did: an ensemble has several, in the order in which they first ran. */
export interface AttackStage {
  readonly name: string;
  /** Instances that it had to do with. */
  readonly instances: number;
  /** Of those, the ones that evaded in it. */
  readonly evaded: number;
  readonly forwardEvaluations: number;
  readonly gradientEvaluations: number;
}

/** Accounts for the stages of a search, by what each instance is at. */
export class StageAccount {
  private readonly names: string[] = [];
  private readonly current: Int32Array;
  private readonly stages: { instances: Set<number>; evaded: number; forward: number; gradient: number }[] = [];

  constructor(count: number) {
    this.current = new Int32Array(count).fill(-1);
  }

  enter(instance: number, name: string): void {
    let index = this.names.indexOf(name);
    if (index < 0) {
      index = this.names.push(name) - 1;
      this.stages.push({ instances: new Set(), evaded: 0, forward: 0, gradient: 0 });
    }
    this.current[instance] = index;
    this.stages[index]!.instances.add(instance);
  }

  count(instance: number, gradient: boolean, evaluations: number): void {
    const stage = this.stages[this.current[instance]!];
    if (!stage) return;
    if (gradient) stage.gradient += evaluations;
    else stage.forward += evaluations;
  }

  decide(instance: number): void {
    const index = this.current[instance]!;
    if (index >= 0) this.stages[index]!.evaded++;
  }

  result(): AttackStage[] {
    return this.names.map((name, index) => {
      const { instances, evaded, forward, gradient } = this.stages[index]!;
      return { name, instances: instances.size, evaded, forwardEvaluations: forward, gradientEvaluations: gradient };
    });
  }
}

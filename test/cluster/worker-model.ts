import type { Operation, ServiceTimes } from './service-times';
import { type Process, Processors, Simulation } from './simulation';

/** What is simulated. */
export interface Situation {
  readonly workers: number;
  /** Milliseconds that a step computes. */
  readonly step: number;
  /** Processors of the server. */
  readonly cores: number;
  /** Whether workers, coordinator and server have the same processors, as when all are on one machine. */
  readonly oneMachine: boolean;
  /** Milliseconds to the server and back. */
  readonly network: number;
  /** Whether workers are told of steps, by a connection that listens; they look by themselves otherwise. */
  readonly listening: boolean;
  /** Whether steps tell how far they are, twice a second. */
  readonly progress: boolean;
  /**
   * Steps that are all asked for at once and noted by no run, as `npm run bench:queue` has them; without it there is a
   * new one for each that is done.
   */
  readonly plan?: number;
  readonly times: ServiceTimes;
}

export interface Outcome {
  readonly stepsPerSecond: number;
  /** Of the ideal: as many steps as all workers could do that do nothing else. */
  readonly ratio: number;
  /** 0 to 1. */
  readonly server: number;
  readonly coordinator: number;
  /** Milliseconds that a question waits for a processor of the server, on average. */
  readonly wait: number;
  readonly connections: number;
}

/** Statements that wait for each other. */
const TRIPS: Readonly<Record<Operation, number>> = {
  ...{ take: 2, begin: 1, sign: 1, finish: 8, touch: 1, progress: 1 },
  ...{ send: 3, look: 2, started: 2, progressed: 5, finished: 5 },
};
const PROGRESS_MS = 500;
/** A run notes what it is told of progress so often at most. */
const NOTED_MS = 1000 / 20;
const TOUCH_MS = 1_500;
const LOOK_MS = 2_000;
/** Steps of a plan that are ready from the first, for each worker. */
const READY = 2;
/** Connections that listen are woken in so many parts at most; those of a part that were told twice read once. */
const PARTS = 20;
/** Before anything is counted, and while it is: rounds of all workers, and seconds at least. */
const ROUNDS = { before: 1, counted: 3 };
const SECONDS = { before: 2, counted: 10 };

/**
 * A plan of steps that need nothing of each other, of which a new one is ready for each that is done, done by workers
 * that each do one at a time.
 */
export function simulate(situation: Situation): Outcome {
  return new Model(situation).run();
}

class Model {
  private readonly simulation = new Simulation();
  private readonly server: Processors;
  private readonly coordinator: Processors;
  private readonly parts: { readonly size: number; told: boolean }[];
  private ready: number;
  private done = 0;
  /** When progress may be noted again. */
  private noted = 0;
  private readonly idle: (() => void)[] = [];

  constructor(private readonly situation: Situation) {
    const { workers, cores, oneMachine, listening, plan } = situation;
    this.server = new Processors(this.simulation, cores);
    this.coordinator = oneMachine ? this.server : new Processors(this.simulation, 1);
    this.ready = plan === undefined ? READY * workers : 0;
    // The coordinator listens, too.
    const listeners = listening ? workers + 1 : 1;
    const parts = Math.min(PARTS, listeners);
    this.parts = Array.from({ length: parts }, () => ({ size: listeners / parts, told: false }));
  }

  run(): Outcome {
    const { workers, step, times, listening, plan } = this.situation;
    for (let number = 0; number < workers; number++) {
      const apart = plan === undefined ? (number * step) / workers : 0;
      this.simulation.after(apart, () => {
        this.simulation.start(this.worker());
        this.simulation.start(this.background());
      });
    }
    for (let number = 0; number < (plan ?? 0); number++) this.simulation.start(this.send());
    if (plan === undefined) this.until(Math.max(SECONDS.before * 1000, (1 + ROUNDS.before) * step));
    this.server.reset();
    this.coordinator.reset();
    const [began, before] = [this.simulation.now, this.done];
    if (plan === undefined) this.until(began + Math.max(SECONDS.counted * 1000, ROUNDS.counted * step));
    else this.simulation.run(() => this.done === plan);
    const stepsPerSecond = (this.done - before) / ((this.simulation.now - began) / 1000);
    return {
      stepsPerSecond,
      ratio: (workers * 1000) / step / stepsPerSecond,
      server: this.server.utilisation,
      coordinator: this.coordinator.utilisation,
      wait: this.server.meanWait,
      connections: workers * (times.connections - (listening ? 0 : 1)),
    };
  }

  private until(time: number): void {
    this.simulation.run(() => this.simulation.now >= time);
  }

  private *worker(): Process {
    for (;;) {
      yield* this.byWorker('take');
      if (this.ready === 0) {
        yield this.somethingReady();
        continue;
      }
      this.ready--;
      yield* this.byWorker('begin');
      this.simulation.start(this.begun());
      const over = { is: false };
      if (this.situation.progress) this.simulation.start(this.every(PROGRESS_MS, over, () => this.progress()));
      this.simulation.start(this.every(TOUCH_MS, over, () => this.byWorker('touch')));
      yield this.simulation.sleep(this.situation.step);
      over.is = true;
      yield* this.byWorker('finish');
      this.tell('disturbed');
      this.done++;
      this.simulation.start(this.byWorker('sign'));
      this.simulation.start(this.follow());
    }
  }

  private *begun(): Process {
    this.tell('disturbed');
    yield* this.byWorker('sign');
    if (this.situation.plan !== undefined) return;
    yield* this.byCoordinator('started');
    this.tell('disturbed');
  }

  private *progress(): Process {
    yield* this.byWorker('progress');
    this.tell('disturbed');
    if (this.simulation.now < this.noted) return;
    this.noted = this.simulation.now + NOTED_MS;
    yield* this.byCoordinator('progressed');
    this.tell('disturbed');
  }

  /** What the coordinator does when it hears that a step is done: it has the next one done. */
  private *follow(): Process {
    yield* this.byCoordinator('look');
    if (this.situation.plan !== undefined) return;
    yield* this.byCoordinator('finished');
    this.tell('disturbed');
    yield* this.send();
  }

  private *send(): Process {
    yield* this.byCoordinator('send');
    this.ready++;
    this.tell('hears');
    if (!this.situation.listening) return;
    // Everybody who has nothing to do asks for it.
    for (const goOn of this.idle.splice(0)) goOn();
  }

  /** Signs of life, and looking for jobs of workers that are gone. */
  private *background(): Process {
    const { server, client } = this.situation.times.idle;
    for (;;) {
      yield this.simulation.sleep(1000);
      yield this.server.use(server);
      if (this.situation.oneMachine) yield this.server.use(client);
    }
  }

  private *every(ms: number, over: { readonly is: boolean }, work: () => Process): Process {
    for (;;) {
      yield this.simulation.sleep(ms);
      if (over.is) return;
      this.simulation.start(work());
    }
  }

  /** Each worker has a machine of its own, which waits for nobody else. */
  private *byWorker(operation: Operation): Process {
    const { times, oneMachine } = this.situation;
    const { client } = times.operations[operation];
    yield oneMachine ? this.server.use(client) : this.simulation.sleep(client);
    yield* this.ask(operation);
  }

  private *byCoordinator(operation: Operation): Process {
    yield this.coordinator.use(this.situation.times.operations[operation].client);
    yield* this.ask(operation);
  }

  private *ask(operation: Operation): Process {
    yield this.server.use(this.situation.times.operations[operation].server);
    yield this.simulation.sleep(TRIPS[operation] * this.situation.network);
  }

  private somethingReady() {
    if (!this.situation.listening) return this.simulation.sleep(LOOK_MS);
    return (goOn: () => void) => void this.idle.push(goOn);
  }

  /** The server wakes every connection that listens to anything in the database, whatever it is that is told. */
  private tell(what: 'hears' | 'disturbed'): void {
    const ms = this.situation.times[what];
    for (const part of this.parts) {
      if (part.told) continue;
      part.told = true;
      this.simulation.start(this.wake(part, ms));
    }
  }

  private *wake(part: { readonly size: number; told: boolean }, ms: number): Process {
    yield this.server.use(part.size * ms);
    part.told = false;
  }
}

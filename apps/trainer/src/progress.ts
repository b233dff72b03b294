import type { Progress } from '@rampart/core';
import type { Plan, Step } from '@rampart/experiments';
import { paceText, type RunEvent, timeLeftText } from '@rampart/results';
import { MultiBar, Presets, SingleBar } from 'cli-progress';

import { isQuiet } from './print-options';

/** Shows the events of a run. */
export interface ProgressDisplay {
  event(event: RunEvent, secondsLeft: SecondsLeft): void;
  close(): void;
}

/** How long the run takes still; undefined where nobody can tell. */
type SecondsLeft = () => number | undefined;

/** Bars on a terminal, plain lines elsewhere, nothing where that is asked for. */
export function openProgress(plan: Plan): ProgressDisplay {
  if (isQuiet()) return { event: () => undefined, close: () => undefined };
  return process.stderr.isTTY ? new BarDisplay(plan) : new LineDisplay(plan);
}

/** How often a line is written about something that goes on. */
const LINE_MS = 10_000;

/** Shows how data is fetched and read: a bar on a terminal, else a line now and then; nothing where it is quick. */
export function openLoading(label: string): { progress(progress: Progress): void; close(): void } {
  if (isQuiet()) return { progress: () => undefined, close: () => undefined };
  if (!process.stderr.isTTY) {
    let told = -Infinity;
    return {
      progress({ done, total, unit, detail }) {
        if (performance.now() - told < LINE_MS && done < total) return;
        told = performance.now();
        process.stderr.write(`${label}: ${detail ?? ''} ${Math.round(done)} of ${Math.round(total)} ${unit}\n`);
      },
      close: () => undefined,
    };
  }
  const bar = new SingleBar(
    {
      format: '{bar} {percentage}% {label}',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  return {
    progress({ done, total, detail }) {
      if (!bar.isActive) bar.start(total, done, { label });
      bar.setTotal(total);
      bar.update(done, { label: `${label}: ${detail ?? ''}` });
    },
    close: () => bar.stop(),
  };
}

class BarDisplay implements ProgressDisplay {
  private readonly bars = new MultiBar(
    {
      format: '{bar} {percentage}% {label}',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      autopadding: true,
      gracefulExit: false,
      emptyOnZero: true,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  private readonly overall: SingleBar;
  private stepsDone = 0;
  private readonly active = new Map<string, SingleBar>();
  private readonly pace = new Pace();
  private readonly labels: ReadonlyMap<string, string>;

  constructor(plan: Plan) {
    this.labels = labelsOf(plan.steps);
    this.overall = this.bars.create(plan.steps.length, 0, { label: 'starting' });
  }

  event(event: RunEvent, secondsLeft: SecondsLeft): void {
    this.pace.event(event);
    if (event.type === 'step-started') {
      this.active.set(event.step, this.bars.create(1, 0, { label: event.label }));
    } else if (event.type === 'step-progress') {
      const bar = this.active.get(event.step);
      bar?.setTotal(event.total);
      bar?.update(event.done, {
        label: `${this.labels.get(event.step) ?? ''}${this.pace.of(event)} ${event.detail ?? ''}`,
      });
      this.tell(secondsLeft);
    } else if (event.type === 'step-damaged') {
      this.bars.log(`${damageTold(event)}\n`);
    } else if (event.type === 'step-finished') {
      const bar = this.active.get(event.step);
      if (bar) this.bars.remove(bar);
      this.active.delete(event.step);
      this.stepsDone = event.stepsDone;
      this.tell(secondsLeft);
    }
  }

  private tell(secondsLeft: SecondsLeft): void {
    const label = `${this.stepsDone}/${this.overall.getTotal()} steps${leftText(secondsLeft)}`;
    this.overall.update(this.stepsDone, { label });
  }

  close(): void {
    this.bars.stop();
  }
}

/** A line for every step, and one now and then for a step that takes long. */
class LineDisplay implements ProgressDisplay {
  private readonly labels: ReadonlyMap<string, string>;
  private readonly pace = new Pace();
  private readonly told = new Map<string, number>();

  constructor(plan: Plan) {
    this.labels = labelsOf(plan.steps);
  }

  event(event: RunEvent, secondsLeft: SecondsLeft): void {
    this.pace.event(event);
    if (event.type === 'step-progress') {
      const last = this.told.get(event.step) ?? performance.now();
      this.told.set(event.step, last);
      if (performance.now() - last < LINE_MS) return;
      this.told.set(event.step, performance.now());
      const percent = Math.floor((100 * event.done) / event.total);
      const label = `${this.labels.get(event.step) ?? ''}${this.pace.of(event)}`;
      this.line(`  ${percent}% ${label} ${event.detail ?? ''}${leftText(secondsLeft)}`);
    } else if (event.type === 'step-damaged') {
      this.line(damageTold(event));
    } else if (event.type === 'step-finished') {
      const how = event.cached ? 'already done' : `${event.seconds.toFixed(1)} s`;
      this.line(`[${event.stepsDone}/${event.stepsTotal}] ${event.label} (${how})${leftText(secondsLeft)}`);
    }
  }

  close(): void {
    // Lines need no cleaning up.
  }

  private line(text: string): void {
    process.stderr.write(`${text.trimEnd()}\n`);
  }
}

/** How fast each step gets on. */
class Pace {
  private readonly begun = new Map<string, number>();

  event(event: RunEvent): void {
    if (event.type === 'step-started') this.begun.set(event.step, performance.now());
    if (event.type === 'step-finished') this.begun.delete(event.step);
  }

  /** `, 31 instances/s`, or nothing where it is too early to tell. */
  of({ step, done, unit }: Extract<RunEvent, { type: 'step-progress' }>): string {
    const begun = this.begun.get(step);
    const text = begun === undefined ? undefined : paceText(done, (performance.now() - begun) / 1000, unit);
    return text === undefined ? '' : `, ${text}`;
  }
}

/** `, about 2 min left`, or nothing at the end. */
function leftText(secondsLeft: SecondsLeft): string {
  const seconds = secondsLeft();
  return seconds === undefined ? '' : `, ${timeLeftText(seconds)}`;
}

function damageTold({ label, reason }: Extract<RunEvent, { type: 'step-damaged' }>): string {
  return `${label} is done again: ${reason}`;
}

function labelsOf(steps: readonly Step[]): ReadonlyMap<string, string> {
  return new Map(steps.map(({ key, label }) => [key, label]));
}

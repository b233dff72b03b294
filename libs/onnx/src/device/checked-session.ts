import { type Device, type DeviceCheck, isRampartError, messageOf } from '@rampart/core';

import type { Model, Tensor } from '../graph/ir';
import { Session, type SessionOptions } from '../runtime/session';
import { nodesAtFault } from './at-fault';
import { isUnsafe } from './device';
import { inDeviceForm } from './device-form';
import { agree, differences, type Parts } from './difference';

type Feeds = Readonly<Record<string, Tensor>>;

export interface CheckedOptions extends SessionOptions {
  readonly device: Device;
  /** Outputs that are gradients, and those that hold several values one after the other: see `differences`. */
  readonly kinked?: readonly string[];
  readonly parts?: Parts;
}

/** What is needed of a session on a device. */
type Opened = Pick<Session, 'run' | 'dispose'>;

export type Opening = (model: Model, options: SessionOptions) => Promise<Opened>;

/**
 * A session on a device that is compared with one on the CPU: the first batch, and the first of each size up to the next
 * power of two, since other sizes may be computed in other ways. Where answers differ by more than `TOLERANCE`, the nodes
 * at fault run on the CPU from then on; where none are found, all.
 */
export class CheckedSession {
  private readonly sizes = new Set<number>();
  private asked = false;
  private compared = 0;
  private found: Readonly<Record<string, number>> = {};
  private wrong: Readonly<Record<string, number>> | undefined;

  private constructor(
    private readonly model: Model,
    private readonly options: CheckedOptions,
    private readonly cpu: Session,
    private onDevice: Opened | undefined,
    private readonly open: Opening,
    private readonly refused: string | undefined,
    private onCpu: readonly string[],
  ) {}

  /**
   * @param open opens a session on the device
   * @throws RampartError `unavailable` where the device is missing
   */
  static async open(
    model: Model,
    options: CheckedOptions,
    open: Opening = (one, how) => Session.open(one, how),
  ): Promise<CheckedSession> {
    const named = withNames(inDeviceForm(model, options.device));
    const onCpu = named.graph.nodes.filter((node) => isUnsafe(node, options.device)).map(({ name }) => name);
    let refused: string | undefined;
    const onDevice = await open(named, { ...options, onCpu }).catch((error: unknown) => {
      // A graph that only the device refuses runs on the CPU.
      if (!isRampartError(error) || error.code !== 'bad-model') throw error;
      refused = messageOf(error);
      return undefined;
    });
    try {
      const cpu = await Session.open(named, { ...options, device: 'cpu' });
      return new CheckedSession(named, options, cpu, onDevice, open, refused, onCpu);
    } catch (error) {
      await onDevice?.dispose();
      throw error;
    }
  }

  /** See `Session.run`; the first dimension of the first feed is the number of rows. */
  async run(feeds: Feeds, fetches?: readonly string[]): Promise<Record<string, Tensor>> {
    const rows = Object.values(feeds)[0]?.dims[0] ?? 1;
    this.asked = true;
    const size = Math.ceil(Math.log2(Math.max(1, rows)));
    if (!this.onDevice) return this.cpu.run(feeds, fetches);
    if (this.sizes.has(size)) return this.onDevice.run(feeds, fetches);
    const expected = await this.cpu.run(feeds, fetches);
    await this.compare(feeds, expected);
    this.compared += rows;
    this.sizes.add(size);
    return expected;
  }

  /** What was found out so far; nothing before the first run. */
  check(): DeviceCheck | undefined {
    if (!this.asked) return undefined;
    const moved = new Set(this.onCpu);
    const nodes = this.model.graph.nodes.filter(({ name }) => moved.has(name));
    return {
      device: this.options.device,
      compared: this.compared,
      differences: this.onDevice ? this.found : {},
      ...(this.wrong && { wrong: this.wrong }),
      onCpu: this.onDevice ? nodes.map(({ name, op }) => ({ name, op })) : 'all',
      ...(this.refused !== undefined && { refused: this.refused }),
    };
  }

  async dispose(): Promise<void> {
    await this.onDevice?.dispose();
    await this.cpu.dispose();
  }

  private async compare(feeds: Feeds, expected: Feeds): Promise<void> {
    const found = await answersOf(this.onDevice!, feeds, expected, this.options);
    if (agree(found)) return this.note(found);
    this.wrong = largest(this.wrong ?? {}, found);
    await this.onDevice!.dispose();
    this.onDevice = undefined;
    const before = this.onCpu;
    const nodes = this.model.graph.nodes.map(({ name }) => name).filter((name) => !before.includes(name));
    const trial = async (names: readonly string[]) => {
      const session = await this.open(this.model, { ...this.options, onCpu: [...before, ...names] });
      try {
        return await answersOf(session, feeds, expected, this.options);
      } finally {
        await session.dispose();
      }
    };
    const fault = await nodesAtFault(nodes, async (names) => agree(await trial(names).catch(() => ({ error: 1 }))));
    if (!fault) return;
    this.onCpu = [...before, ...fault];
    this.note(await trial(fault));
    this.onDevice = await this.open(this.model, { ...this.options, onCpu: this.onCpu });
  }

  private note(found: Readonly<Record<string, number>>): void {
    this.found = largest(this.found, found);
  }
}

/** How far a session's answers are from those expected; what it cannot compute is wrong. */
async function answersOf(
  session: Opened,
  feeds: Feeds,
  expected: Feeds,
  { kinked, parts }: Pick<CheckedOptions, 'kinked' | 'parts'>,
): Promise<Record<string, number>> {
  const names = Object.keys(expected);
  const answers = await session.run(feeds, names).catch(() => ({}));
  return differences(expected, answers, kinked, parts);
}

function largest(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return {
    ...a,
    ...Object.fromEntries(Object.entries(b).map(([name, value]) => [name, Math.max(value, a[name] ?? 0)])),
  };
}

/** The same model, each of whose nodes has a name of its own. */
function withNames(model: Model): Model {
  const taken = new Set<string>();
  const nodes = model.graph.nodes.map((node, i) => {
    const name = node.name === '' || taken.has(node.name) ? `${node.op}_${i}` : node.name;
    taken.add(name);
    return { ...node, name };
  });
  return { ...model, graph: { ...model.graph, nodes } };
}

/** Where a model is computed: on the processor, on a GPU through WebGPU, or on one through CUDA. */
export type Device = 'cpu' | 'webgpu' | 'cuda';

/** What a device was found to do with a model, and what therefore runs where. */
export interface DeviceCheck {
  readonly device: Device;
  /** Rows whose answers were compared with the CPU's. */
  readonly compared: number;
  /** The largest difference of each output with what now runs where, as a part of the output's largest value. */
  readonly differences: Readonly<Record<string, number>>;
  /** The same with all on the device, where that was more than rounding explains. */
  readonly wrong?: Readonly<Record<string, number>>;
  /** Nodes that run on the CPU since the device computes them wrongly, or may, or `all`. */
  readonly onCpu: 'all' | readonly { readonly name: string; readonly op: string }[];
  /** Why the device does not take the model at all. */
  readonly refused?: string;
}

/** What was found out about one session on a device. */
export interface DeviceUse extends DeviceCheck {
  /**
   * What the session computes: `logits`, a loss by its name, `inner NAME`, `distance NAME`, `training`,
   * `inner attack of training`.
   */
  readonly computes: string;
}

/** A device to compute on, and what it was found to do by the sessions that were opened with this. */
export class DeviceLog {
  private readonly sessions: (() => DeviceUse | undefined)[] = [];
  private before: readonly DeviceUse[] = [];

  constructor(readonly device: Exclude<Device, 'cpu'>) {}

  /** @param use tells about a session, also after its end; nothing where it was never run */
  add(use: () => DeviceUse | undefined): void {
    this.sessions.push(use);
  }

  /** Takes what was found before the work was interrupted, in place of what was taken before. */
  goOn(before: readonly DeviceUse[]): void {
    this.before = before;
  }

  uses(): readonly DeviceUse[] {
    return [...this.before, ...this.sessions.map((use) => use()).filter((use) => use !== undefined)];
  }
}

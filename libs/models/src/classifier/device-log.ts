import type { Device, DeviceCheck } from '@rampart/onnx';

/** What was found out about one session on a device. */
export interface DeviceUse extends DeviceCheck {
  /** What the session computes: `logits`, a loss by its name, `inner NAME`, `distance NAME`. */
  readonly computes: string;
}

/** A device to compute on, and what it was found to do by the sessions that were opened with this. */
export class DeviceLog {
  private readonly sessions: (() => DeviceUse | undefined)[] = [];

  constructor(readonly device: Exclude<Device, 'cpu'>) {}

  /** @param use tells about a session, also after its end; nothing where it was never run */
  add(use: () => DeviceUse | undefined): void {
    this.sessions.push(use);
  }

  uses(): readonly DeviceUse[] {
    return this.sessions.map((use) => use()).filter((use) => use !== undefined);
  }
}

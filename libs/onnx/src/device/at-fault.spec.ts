import fc from 'fast-check';

import { nodesAtFault } from './at-fault';

const NODES = Array.from({ length: 100 }, (_, i) => `node ${i}`);

/** A device that computes these nodes wrongly, and how often it was tried. */
function deviceWith(faults: readonly string[]) {
  const device = {
    trials: 0,
    agrees: (onCpu: readonly string[]) => {
      device.trials++;
      return Promise.resolve(faults.every((name) => onCpu.includes(name)));
    },
  };
  return device;
}

describe('nodesAtFault', () => {
  it('finds the nodes, wherever they are', () =>
    fc.assert(
      fc.asyncProperty(fc.subarray(NODES, { maxLength: 8 }), async (faults) => {
        const device = deviceWith(faults);
        expect(await nodesAtFault(NODES, device.agrees)).toEqual(faults);
        expect(device.trials).toBeLessThanOrEqual(2 + faults.length * 8);
      }),
    ));

  it('gives up where they are many', async () => {
    expect(await nodesAtFault(NODES, deviceWith(NODES.slice(10, 19)).agrees)).toBeUndefined();
  });

  it('gives up where the answers differ even with all on the CPU', async () => {
    const device = deviceWith(['elsewhere']);
    expect(await nodesAtFault(NODES, device.agrees)).toBeUndefined();
    expect(device.trials).toBe(1);
  });
});

import type { DeviceSession, ReportedDevice } from '../report/devices';

export const DEVICES_TITLE = 'What was computed where';

export const DEVICES_NOTE =
  "Gradients were computed on a device whose answers were compared with the CPU's, in parts of the largest value; examples were judged on the CPU.";

/** What a device did for one model, in words. */
export function deviceTexts({ model, device, sessions }: ReportedDevice): {
  readonly title: string;
  readonly sessions: readonly string[];
} {
  return { title: `${model}: ${device}`, sessions: sessions.map((session) => sessionText(session, device)) };
}

function sessionText(session: DeviceSession, device: string): string {
  const { computes, compared, differences, wrong, onCpu, refused } = session;
  const rows = `${compared} ${compared === 1 ? 'instance' : 'instances'} compared`;
  const off = wrong ? `; ${device} alone was off by ${shares(wrong)}` : '';
  if (onCpu === 'all') {
    return `${computes}: all on the CPU, ${rows}${off}${refused === undefined ? '' : `; ${device} refuses the model: ${refused}`}`;
  }
  const kept = onCpu.map(({ op, name }) => `${op} "${name}"`).join(', ');
  return `${computes}: ${rows}, largest difference ${shares(differences)}${kept === '' ? '' : `; on the CPU: ${kept}`}${off}`;
}

function shares(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([output, value]) => `${value.toExponential(1)} (${output})`)
    .join(', ');
}

import type { ReportedDevice } from '../../report/devices';
import { DEVICES_NOTE, DEVICES_TITLE, deviceTexts } from '../device-wording';

/** What was computed elsewhere than on the CPU. */
export function Devices({ devices }: { readonly devices: readonly ReportedDevice[] }) {
  if (devices.length === 0) return null;
  return (
    <>
      <h2 id="devices">{DEVICES_TITLE}</h2>
      <p className="soft">{DEVICES_NOTE}</p>
      {devices.map(deviceTexts).map(({ title, sessions }) => (
        <div key={title}>
          <p>{title}</p>
          <ul>
            {sessions.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

import { PUBLICATION } from '../../published/tables';
import type { Report } from '../../report/read-report';

import { versionsText } from '../wording';
import { Devices } from './devices';

/** How a run's figures came about: what computed and made them, the experiment to make them again. */
export function Experiment({ report: { run, madeWith, devices } }: { readonly report: Report }) {
  return (
    <>
      <Devices devices={devices} />
      {madeWith.length > 0 && (
        <>
          <h2>Made with</h2>
          <ul>
            {madeWith.map((one) => (
              <li key={one.kind}>{versionsText(one)}</li>
            ))}
          </ul>
        </>
      )}
      <section id="experiment">
        <h2>The experiment</h2>
        <p className="soft">
          Save it as experiment.yaml, and <code>{againCommand(run)}</code> makes the run again.
        </p>
        <pre className="wide">{run.experiment.trimEnd()}</pre>
      </section>
      {run.published && (
        <>
          <h2>The publication</h2>
          <p>{PUBLICATION}</p>
        </>
      )}
    </>
  );
}

/** Seeds may be others than the file's. */
function againCommand({ seeds, engine }: Report['run']): string {
  return `rampart run experiment.yaml --seeds ${seeds.join(',')} --engine ${engine}`;
}

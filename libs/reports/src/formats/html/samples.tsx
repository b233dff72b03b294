import { type InstanceOutcome, outcomeOf } from '@rampart/results';
import { knowledgeText, type Peculiarities } from '../../report/peculiarities';
import { type Sample, type SampleFigure } from '../../report/samples';

import { imageUri, perturbationUri } from './png';

/** Models whose images are in sight; those of the others can be opened. */
const IN_SIGHT = 2;

/** What the attacks did to a few images, for each model: figures 3 and 4 of the publication. */
export function Samples({
  figures,
  peculiarities,
}: {
  readonly figures: readonly SampleFigure[];
  readonly peculiarities: Peculiarities;
}) {
  const [first] = figures;
  if (!first) return null;
  const models = [...new Set(figures.map(({ model }) => model))];
  return (
    <section id="images">
      <h2>Images</h2>
      <p className="soft">
        The original, then for each attack the adversarial image and beside it what was changed, amplified: blue is
        darker, orange is brighter, the largest change has the full colour. Below each image what the model takes it for
        and how sure it is.{' '}
        {first.mode === 'adaptive'
          ? `Made against each model itself (adaptive, ${knowledgeText(models, peculiarities)})`
          : 'Made against the undefended model and replayed (static, transfer)'}
        , seed {first.seed}.
      </p>
      {figures.map((figure, index) => (
        <details key={figure.model} className="model" open={index < IN_SIGHT}>
          <summary>{figure.model}</summary>
          <ImageTable figure={figure} />
        </details>
      ))}
    </section>
  );
}

function ImageTable({ figure: { model, mode, attacks, rows, classes } }: { readonly figure: SampleFigure }) {
  return (
    <div className="wide" role="region" aria-label={`Images, ${model}`} tabIndex={0}>
      <table className="samples">
        <thead>
          <tr>
            <th scope="col">test image</th>
            <th scope="col">original</th>
            {attacks.map((attack) => (
              <th scope="col" key={attack}>
                {attack}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ testIndex, samples }) => {
            const shown = samples.find((sample) => sample?.picture);
            return (
              <tr key={testIndex}>
                <th scope="row">{testIndex}</th>
                <td>{shown && <Original sample={shown} classes={classes} />}</td>
                {samples.map((sample, column) => (
                  <td key={attacks[column]}>{sample && <Attacked sample={sample} classes={classes} mode={mode} />}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const OUTCOME_TEXT: Readonly<Record<InstanceOutcome, { readonly look: string; readonly text: string }>> = {
  evaded: { look: 'fails', text: '✗ evades' },
  resisted: { look: 'holds', text: '✓ resisted' },
  misclassified: { look: 'fails', text: '✗ wrong before' },
  unmoved: { look: 'not-measured', text: '– not attacked' },
};

interface SampleProps {
  readonly sample: Sample;
  readonly classes: readonly string[];
}

function Original({ sample: { instance, picture }, classes }: SampleProps) {
  const { label, predictionBefore, confidenceBefore } = instance;
  const name = nameOf(classes, label);
  return (
    <>
      {picture && (
        <div className="pair">
          <img src={imageUri(picture, 'original')} alt={`The original, ${name}`} />
        </div>
      )}
      <div className="taken">
        {nameOf(classes, predictionBefore)}, {percent(confidenceBefore)}
      </div>
    </>
  );
}

function Attacked({ sample: { attack, instance, picture }, classes, mode }: SampleProps & Pick<SampleFigure, 'mode'>) {
  const { predictionAfter, confidenceAfter, distortion } = instance;
  const outcome = outcomeOf(instance);
  const { look, text } = OUTCOME_TEXT[outcome];
  // A replayed example stays where the original deceives the model that it was made against.
  const why = outcome === 'unmoved' && mode === 'adaptive' ? ', zero gradient' : '';
  const taken = `${nameOf(classes, predictionAfter)}, ${percent(confidenceAfter)}`;
  return (
    <>
      {picture && (
        <div className="pair">
          <img src={imageUri(picture, 'adversarial')} alt={`After ${attack}, taken for ${taken}`} />
          <img
            src={perturbationUri(picture)}
            alt={`What ${attack} changed`}
            title={`Largest change ${picture.scale.toFixed(3)}`}
          />
        </div>
      )}
      <div className="taken">
        <span className={look}>
          {text}
          {why}:{' '}
        </span>
        {taken}
        <span className="small soft">distortion {distortion.toFixed(4)}</span>
      </div>
    </>
  );
}

function nameOf(classes: readonly string[], label: number): string {
  return classes[label] ?? `class ${label}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

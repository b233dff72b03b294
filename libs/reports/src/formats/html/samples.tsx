import { REJECTED } from '@rampart/core';
import { type InstanceOutcome, outcomeOf } from '@rampart/results';
import { knowledgeText, type Peculiarities } from '../../report/peculiarities';
import { type Sample, type SampleFigure } from '../../report/samples';
import type { ShownSample } from '../../report/shown-samples';
import { useContext } from 'react';

import { LinksContext } from './links';
import { imageUri, perturbationUri } from './png';
import { ChangedRow, OriginalRow } from './row';
import { Sound } from './sound';

/** Models whose samples are in sight; those of the others can be opened. */
const IN_SIGHT = 2;

/** What is shown of samples of each kind. */
const KINDS: Readonly<Record<ShownSample['kind'], { readonly heading: string; readonly explanation: string }>> = {
  picture: {
    heading: 'Images',
    explanation:
      'The original, then for each attack the adversarial image and beside it what was changed, amplified: blue is darker, orange is brighter, the largest change has the full colour.',
  },
  row: { heading: 'Rows', explanation: 'The original row, then for each attack the columns that it changed.' },
  sound: {
    heading: 'Sounds',
    explanation:
      'The original, then for each attack the adversarial sound and beside it what was changed, as loud as it can be: the wave, the spectrogram and a player.',
  },
};

/** What the attacks did to a few samples, for each model: figures 3 and 4 of the publication. */
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
  const kind = figures.flatMap(({ rows }) => rows.flatMap(({ samples }) => samples)).find((one) => one?.picture)
    ?.picture?.kind;
  const { heading, explanation } = KINDS[kind ?? 'picture'];
  return (
    <section id="images">
      <h2>{heading}</h2>
      <p className="soft">
        {explanation} Below each what the model takes it for and how sure it is.{' '}
        {first.mode === 'adaptive'
          ? `Made against each model itself (adaptive, ${knowledgeText(models, peculiarities)})`
          : 'Made against the undefended model and replayed (static, transfer)'}
        , seed {first.seed}.
      </p>
      {figures.map((figure, index) => (
        <details key={figure.model} className="model" open={index < IN_SIGHT}>
          <summary>{figure.model}</summary>
          <SampleTable figure={figure} />
        </details>
      ))}
    </section>
  );
}

function SampleTable({ figure: { model, mode, attacks, rows, classes } }: { readonly figure: SampleFigure }) {
  const { sample: addressOf } = useContext(LinksContext);
  return (
    <div className="wide" role="region" aria-label={`Samples, ${model}`} tabIndex={0}>
      <table className="samples">
        <thead>
          <tr>
            <th scope="col">test sample</th>
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
                <th scope="row">{addressOf ? <a href={addressOf(testIndex)}>{testIndex}</a> : testIndex}</th>
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

/** What came of an attack, in a word. */
export const OUTCOME_TEXT: Readonly<Record<InstanceOutcome, { readonly look: string; readonly text: string }>> = {
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
      {picture && <OriginalShown shown={picture} name={name} />}
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
      {picture && <AttackedShown shown={picture} attack={attack} taken={taken} />}
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

function OriginalShown({ shown, name }: { readonly shown: ShownSample; readonly name: string }) {
  switch (shown.kind) {
    case 'row':
      return <OriginalRow row={shown} />;
    case 'sound':
      return <Sound view={shown.original} name={`The original, ${name}`} />;
    case 'picture':
      return (
        <div className="pair">
          <img src={imageUri(shown, 'original')} alt={`The original, ${name}`} />
        </div>
      );
  }
}

function AttackedShown({
  shown,
  attack,
  taken,
}: {
  readonly shown: ShownSample;
  readonly attack: string;
  readonly taken: string;
}) {
  const changed = `What ${attack} changed`;
  switch (shown.kind) {
    case 'row':
      return <ChangedRow row={shown} />;
    case 'sound':
      return (
        <div className="pair">
          <Sound view={shown.adversarial} name={`After ${attack}, taken for ${taken}`} />
          <Sound view={shown.change} name={`${changed}, amplified`} />
        </div>
      );
    case 'picture':
      return (
        <div className="pair">
          <img src={imageUri(shown, 'adversarial')} alt={`After ${attack}, taken for ${taken}`} />
          <img src={perturbationUri(shown)} alt={changed} title={`Largest change ${shown.scale.toFixed(3)}`} />
        </div>
      );
  }
}

/** A class by its name, or its number where it has none. */
export function nameOf(classes: readonly string[], label: number): string {
  return classes[label] ?? (label === REJECTED ? 'rejected' : `class ${label}`);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

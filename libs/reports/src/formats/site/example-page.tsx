import { BarPairs, distanceText, NORM_NAMES, NORMS, PAIR_LOOKS } from '@rampart/charts';
import { formatNumber } from '@rampart/core';
import type { ReactNode } from 'react';

import type { Example, ExampleItem, Examples } from '../../report/examples';
import { type InstanceDetails, nearestExamples } from '../../report/instance-details';
import { LineChart } from '../html/line-chart';
import { imageUri, perturbationUri } from '../html/png';
import { nameOf, OUTCOME_TEXT, percent } from '../html/samples';
import { Sound } from '../html/sound';
import { ChangedColumns } from './changed-columns';

/** All that is known of a test sample: each model under each attack, and the nearest examples over all of these. */
export function examplePage({ testIndex, label, items }: Example, { figures, box }: Examples): ReactNode {
  const { classes = [], mode } = figures[0] ?? {};
  const models = [...new Set(items.map(({ model }) => model))];
  return (
    <>
      <p className="soft">
        True class <strong>{nameOf(classes, label)}</strong>, number {testIndex} of the test set.{' '}
        {mode === 'static'
          ? 'Made against the undefended model and replayed (static, transfer).'
          : 'Made against each model itself (adaptive).'}
      </p>
      <Nearest items={items} models={models} />
      {models.map((model) => (
        <section key={model}>
          <h2>{model}</h2>
          {items
            .filter((item) => item.model === model)
            .map((item) => (
              <Attacked key={item.attack} item={item} classes={classes} box={box} />
            ))}
        </section>
      ))}
    </>
  );
}

function Nearest({ items, models }: { readonly items: readonly ExampleItem[]; readonly models: readonly string[] }) {
  return (
    <section>
      <h2>The nearest example that evades, over all attacks</h2>
      <div className="wide" role="region" aria-label="The nearest examples" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">model</th>
              {NORMS.map((norm) => (
                <th scope="col" key={norm}>
                  {NORM_NAMES[norm]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {models.map((model) => {
              const nearest = nearestExamples(items.filter((item) => item.model === model));
              return (
                <tr key={model}>
                  <th scope="row">{model}</th>
                  {nearest ? (
                    NORMS.map((norm) => (
                      <td key={norm}>
                        {distanceText(norm, nearest[norm].distance)}
                        <small className="soft">{nearest[norm].attack}</small>
                      </td>
                    ))
                  ) : (
                    <td colSpan={NORMS.length}>no attack evades</td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface AttackedProps {
  readonly item: ExampleItem;
  readonly classes: readonly string[];
  readonly box: Examples['box'];
}

function Attacked({ item, classes, box }: AttackedProps) {
  const { attack, instance, outcome, details } = item;
  const { look, text } = OUTCOME_TEXT[outcome];
  return (
    <article className="attacked">
      <h3>
        {attack} <span className={look}>{text}</span>{' '}
        <span className="soft">{instance.iterations === 1 ? '1 step' : `${instance.iterations} steps`}</span>
      </h3>
      <Shown item={item} classes={classes} box={box} />
      {details && (
        <div className="known">
          <Said details={details} classes={classes} label={instance.label} model={item.model} />
          <Search details={details} />
          <div>
            <h4>Distance from the original</h4>
            <dl>
              {NORMS.map((norm) => (
                <div key={norm} style={{ display: 'contents' }}>
                  <dt>{NORM_NAMES[norm]}</dt>
                  <dd>{distanceText(norm, details.distances[norm])}</dd>
                </div>
              ))}
            </dl>
          </div>
        </div>
      )}
    </article>
  );
}

function Shown({ item: { picture, instance }, classes, box }: AttackedProps) {
  const before = `taken for ${nameOf(classes, instance.predictionBefore)}, ${percent(instance.confidenceBefore)}`;
  const after = `taken for ${nameOf(classes, instance.predictionAfter)}, ${percent(instance.confidenceAfter)}`;
  switch (picture?.kind) {
    case undefined:
      return (
        <p>
          Before {before}; after {after}.
        </p>
      );
    case 'row':
      return (
        <>
          <p>
            Before {before}; after {after}.
          </p>
          <ChangedColumns row={picture} />
        </>
      );
    case 'sound':
      return (
        <div className="sounds">
          <Part caption="Original" note={before}>
            <Sound view={picture.original} name="Original" />
          </Part>
          <Part caption="What was changed" note={amplified(picture.scale, 1)}>
            <Sound view={picture.change} name="What was changed, amplified" />
          </Part>
          <Part caption="Adversarial" note={after}>
            <Sound view={picture.adversarial} name="Adversarial" />
          </Part>
        </div>
      );
    case 'picture':
      return (
        <div className="three">
          <Part caption="Original" note={before}>
            <img src={imageUri(picture, 'original')} alt={`Original, ${before}`} />
          </Part>
          <Part caption="Perturbation" note={amplified(picture.scale, box.max - box.min)}>
            <img
              src={perturbationUri(picture)}
              alt={`Perturbation, at most ${distanceText('linf', picture.scale)} a pixel`}
            />
          </Part>
          <Part caption="Adversarial" note={after}>
            <img src={imageUri(picture, 'adversarial')} alt={`Adversarial, ${after}`} />
          </Part>
        </div>
      );
  }
}

function Part(props: { readonly caption: string; readonly note: string; readonly children: ReactNode }) {
  return (
    <figure>
      {props.children}
      <figcaption>
        <strong>{props.caption}</strong>
        {props.note}
      </figcaption>
    </figure>
  );
}

interface SaidProps {
  readonly details: InstanceDetails;
  readonly classes: readonly string[];
  readonly label: number;
  readonly model: string;
}

/** What the model made of the classes, before and after. */
function Said({ details, classes, label, model }: SaidProps) {
  if (!details.classes) return null;
  const pairs = (kind: 'logits' | 'probabilities') =>
    details.classes!.map((one) => ({
      name: nameOf(classes, one.label),
      values: one[kind],
      strong: one.label === label,
    }));
  return (
    <div>
      <h4>Probabilities</h4>
      <figure>
        <BarPairs title={`Probabilities of ${model}`} pairs={pairs('probabilities')} domain={[0, 1]} format={percent} />
      </figure>
      <h4>Logits</h4>
      <figure>
        <BarPairs title={`Logits of ${model}`} pairs={pairs('logits')} />
      </figure>
      <p className="key">
        {['before', 'after'].map((text, which) => (
          <span key={text}>
            <i style={{ background: PAIR_LOOKS[which]!.colour }} />
            {text}
          </span>
        ))}
        the true class in bold{details.otherClasses > 0 && `; ${details.otherClasses} others left out`}
      </p>
    </div>
  );
}

/** How the search went. */
function Search({ details: { losses } }: { readonly details: InstanceDetails }) {
  const values = losses?.map(([, loss]) => loss) ?? [];
  if (!losses || losses.length < 2) return null;
  return (
    <LineChart
      title="The path of the loss"
      x="evaluations of the model"
      y="signed margin"
      xRange={[0, losses.at(-1)![0]]}
      yRange={[Math.min(0, ...values), Math.max(0, ...values)]}
      formatX={(x) => (Number.isInteger(x) ? formatNumber(x) : '')}
      series={[{ name: 'the lowest so far, at the end that of the example; below 0 it evades', points: losses }]}
    />
  );
}

function amplified(scale: number, range: number): string {
  if (scale === 0) return 'nothing changed';
  const factor = range / scale;
  const times = factor < 1.05 ? 'not amplified' : `amplified ${Number(factor.toPrecision(factor < 10 ? 2 : 3))} times`;
  return `${times}: at most ${distanceText('linf', scale)}, of a range of ${distanceText('linf', range)}`;
}

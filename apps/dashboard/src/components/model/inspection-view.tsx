import type { ModelInspection } from '@rampart/api';

import { Icon, type IconName } from '../icon';
import { GraphView } from './graph-view';

const GRADIENTS = {
  exact: { text: 'exact gradient', look: 'text-good', icon: 'check' },
  zero: { text: 'zero by nature', look: 'text-ink-2', icon: 'info' },
  missing: { text: 'no gradient', look: 'text-bad', icon: 'alert' },
} as const;

const LEVELS: Readonly<Record<'good' | 'note' | 'problem', { look: string; icon: IconName }>> = {
  good: { look: 'text-good', icon: 'check' },
  note: { look: 'text-ink-2', icon: 'info' },
  problem: { look: 'text-bad', icon: 'alert' },
};

/** What was found out about a model file. */
export function InspectionView({ inspection }: { readonly inspection: ModelInspection }) {
  const facts = [
    ...inspection.inputs.map((one) => ['Input', `${one.name}: ${one.type} [${one.shape.join(', ')}]`] as const),
    ...inspection.outputs.map((one) => ['Output', `${one.name}: ${one.type} [${one.shape.join(', ')}]`] as const),
    ...(inspection.head ? [['Head', inspection.head] as const] : []),
    ...(inspection.parameters !== undefined
      ? [['Parameters', inspection.parameters.toLocaleString('en')] as const]
      : []),
    ...(inspection.opset !== undefined ? [['Opset', String(inspection.opset)] as const] : []),
    ...(inspection.producer ? [['Producer', inspection.producer] as const] : []),
  ];
  return (
    <section aria-labelledby="inspection" className="card min-w-0">
      <h2 id="inspection" className="border-b border-line px-4 py-2.5 text-sm font-semibold">
        What it is made of
      </h2>
      <div className="grid gap-5 p-4 md:grid-cols-2">
        <div className="grid content-start gap-4">
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[13px]">
            {facts.map(([name, value]) => (
              <div key={`${name}/${value}`} className="contents">
                <dt className="text-ink-3">{name}</dt>
                <dd className="figures min-w-0 break-words">{value}</dd>
              </div>
            ))}
          </dl>
          {inspection.findings.length > 0 && (
            <ul className="grid gap-1 text-[13px]">
              {inspection.findings.map((finding) => {
                const { look, icon } = LEVELS[finding.level];
                return (
                  <li key={finding.text} className="flex items-start gap-2">
                    <Icon name={icon} size={14} className={`mt-0.5 shrink-0 ${look}`} />
                    <span className="min-w-0 break-words">{finding.text}</span>
                  </li>
                );
              })}
            </ul>
          )}
          <table className="figures w-full text-[13px]">
            <caption className="mb-1 text-left text-xs font-medium text-ink-2">Operators</caption>
            <tbody className="divide-y divide-line">
              {inspection.operators.map((operator) => {
                const { text, look, icon } = GRADIENTS[operator.gradient];
                return (
                  <tr key={operator.name}>
                    <th scope="row" className="py-1 text-left font-normal">
                      {operator.name}
                    </th>
                    <td className="py-1 text-right text-ink-3">× {operator.count}</td>
                    <td className="w-36 py-1 pl-4">
                      <span className={`inline-flex items-center gap-1.5 text-xs ${look}`}>
                        <Icon name={icon} size={12} />
                        {text}
                      </span>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
        {inspection.graph.length > 0 && <GraphView nodes={inspection.graph} />}
      </div>
    </section>
  );
}

import type { AppRouter } from '@rampart/api';
import type { inferProcedureOutput } from '@trpc/server';
import Link from 'next/link';

import { percent } from '../format';

type ModelEntry = inferProcedureOutput<AppRouter['models']['ofRun']>[number];

/** The columns, and whether they are there only where there is room: the card has it all. */
const HEADS = [
  ['Model', false],
  ['Seed', false],
  ['Made by', true],
  ['Parameters', true],
  ['Clean error', false],
  ['From its making', true],
] as const;

/** Models with where they came from, each leading to its card. */
export function ModelTable({ models }: { readonly models: readonly ModelEntry[] }) {
  return (
    <div className="card overflow-x-auto">
      <table className="w-full text-[13px] sm:min-w-[640px]">
        <caption className="sr-only">Models</caption>
        <thead>
          <tr className="border-b border-line text-left text-xs text-ink-3">
            {HEADS.map(([head, wide]) => (
              <th key={head} scope="col" className={`px-3 py-2 font-medium ${wide ? 'max-sm:hidden' : ''}`}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {models.map((model) => (
            <tr key={`${model.runId}/${model.label}/${model.seed}`} className="hover:bg-sunken/60">
              <th scope="row" className="px-3 py-2 text-left font-normal">
                <Link href={`/models/${model.artifact}`} className="font-semibold hover:text-accent hover:underline">
                  {model.label}
                </Link>
                <div className="figures text-xs text-ink-3">{model.artifact.slice(0, 12)}</div>
              </th>
              <td className="figures px-3 py-2">{model.seed}</td>
              <td className="px-3 py-2 text-ink-2 max-sm:hidden">
                {model.engine === 'none'
                  ? 'swapped in'
                  : model.parents.length > 0
                    ? `defense, ${model.engine} engine`
                    : `training, ${model.engine} engine`}
              </td>
              <td className="figures px-3 py-2 max-sm:hidden">{model.parameters.toLocaleString('en')}</td>
              <td className="figures px-3 py-2">
                {model.cleanError ? (
                  <>
                    <strong className="font-semibold">{percent(model.cleanError.value)}</strong>{' '}
                    <span className="text-xs text-ink-3">
                      {percent(model.cleanError.low)} – {percent(model.cleanError.high)}
                    </span>
                  </>
                ) : (
                  '–'
                )}
              </td>
              <td className="figures max-w-72 px-3 py-2 text-xs text-ink-2 max-sm:hidden">
                {Object.entries(model.facts)
                  .map(([key, value]) => `${key} ${value}`)
                  .join(', ') || '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

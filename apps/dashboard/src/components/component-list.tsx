'use client';

import { useState } from 'react';

import { Icon } from '@/components/icon';

export interface KnownComponent {
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly default: string;
    readonly description: string;
  }[];
}

/** Components with their parameters, each a line to be edited, and those that there are to be added. */
export function ComponentList(props: {
  readonly label: string;
  readonly one: string;
  readonly chosen: readonly string[];
  readonly known: readonly KnownComponent[];
  readonly onChange: (chosen: readonly string[]) => void;
}) {
  const { label, one, chosen, known, onChange } = props;
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1 text-[13px] text-ink-2">{label}</legend>
      {chosen.map((spec, index) => (
        <Entry
          key={index}
          spec={spec}
          label={`${one} ${index + 1}`}
          known={known.find(({ name }) => name === spec.split('(')[0]!.trim())}
          onChange={(next) => onChange(chosen.map((other, at) => (at === index ? next : other)))}
          onRemove={() => onChange(chosen.filter((_, at) => at !== index))}
        />
      ))}
      <select
        className="field max-w-60"
        aria-label={`Add: ${one.toLowerCase()}`}
        value=""
        onChange={(event) => onChange([...chosen, event.target.value])}
      >
        <option value="">
          Add {/^[aeiou]/i.test(one) ? 'an' : 'a'} {one.toLowerCase()} …
        </option>
        {known.map(({ name, summary }) => (
          <option key={name} value={name} title={summary}>
            {name}
          </option>
        ))}
      </select>
    </fieldset>
  );
}

function Entry(props: {
  readonly spec: string;
  readonly label: string;
  readonly known: KnownComponent | undefined;
  readonly onChange: (spec: string) => void;
  readonly onRemove: () => void;
}) {
  const { spec, label, known } = props;
  // What is typed is kept as it is typed; the file has it once it is whole.
  const [typed, setTyped] = useState(spec);
  const [last, setLast] = useState(spec);
  if (last !== spec) {
    setLast(spec);
    setTyped(spec);
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-1.5">
      <input
        className="field min-w-0 font-mono text-xs"
        aria-label={label}
        value={typed}
        maxLength={300}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => typed !== spec && props.onChange(typed)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          props.onChange(typed);
        }}
      />
      <button
        type="button"
        aria-label={`Remove ${spec}`}
        className="grid size-8 place-items-center rounded-md text-ink-3 hover:bg-sunken hover:text-ink"
        onClick={props.onRemove}
      >
        <Icon name="close" size={12} />
      </button>
      {known && known.parameters.length > 0 && (
        <details className="col-span-2 text-xs text-ink-3">
          <summary className="min-h-6 py-1 hover:text-ink">{known.summary || 'Its parameters'}</summary>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 rounded-md bg-sunken px-2.5 py-1.5">
            {known.parameters.map((one) => (
              <div key={one.name} className="contents">
                <dt className="font-mono text-ink-2">{one.name}</dt>
                <dd className="min-w-0 break-words">
                  {one.type}, {one.default === 'required' ? 'required' : `default ${one.default}`}
                  {one.description && `: ${one.description}`}
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

'use client';

import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';

/** One of a few, all of them in sight. */
export function Segments<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}) {
  return (
    <ToggleGroup
      aria-label={props.label}
      value={[props.value]}
      onValueChange={(values) => {
        const [value] = values as T[];
        if (value !== undefined) props.onChange(value);
      }}
      className="inline-flex rounded-lg border border-line bg-sunken p-0.5"
    >
      {props.options.map(([value, text]) => (
        <Toggle
          key={value}
          value={value}
          className="h-7 rounded-md px-2.5 text-[13px] font-medium whitespace-nowrap text-ink-2 hover:text-ink data-[pressed]:bg-surface data-[pressed]:text-ink data-[pressed]:shadow-sm"
        >
          {text}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}

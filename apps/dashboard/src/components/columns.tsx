'use client';

import { hiddenColumns } from './hidden-columns';
import { Icon } from './icon';
import { useSearchState } from './search-state';
import { DropDown } from './ui/drop-down';

/**
 * Which columns a table has; what is hidden is in the address, and so in links and views.
 * @param local where the table is drawn in the browser alone: see `useSearchState`
 */
export function Columns(props: {
  readonly all: readonly (readonly [id: string, name: string])[];
  readonly local?: boolean;
}) {
  const { all, local } = props;
  const { params, set } = useSearchState({ local });
  const hidden = hiddenColumns(params);
  const toggle = (id: string) => {
    const next = all.map(([one]) => one).filter((one) => (one === id) !== hidden.has(one));
    set({ hide: next.join('.') || undefined });
  };
  return (
    <DropDown
      button={
        <>
          <Icon name="columns" size={13} /> Columns
        </>
      }
    >
      <fieldset className="grid">
        <legend className="sr-only">Columns that are shown</legend>
        {all.map(([id, name]) => (
          <label
            key={id}
            className="flex cursor-pointer items-center gap-2 rounded-md px-2.5 py-1.5 text-[13px] hover:bg-sunken"
          >
            <input
              type="checkbox"
              className="size-4 accent-(--accent)"
              checked={!hidden.has(id)}
              onChange={() => toggle(id)}
            />
            {name}
          </label>
        ))}
      </fieldset>
    </DropDown>
  );
}

import { Icon } from '@/components/icon';
import { DropDown } from '@/components/ui/drop-down';

const FORMATS = [
  ['csv', 'Table', 'CSV'],
  ['json', 'All figures', 'JSON'],
  ['html', 'Report', 'HTML'],
  ['markdown', 'Report', 'Markdown'],
] as const;

/** A run as files, as `rampart report` writes them. */
export function Export({ id }: { readonly id: string }) {
  return (
    <DropDown
      button={
        <>
          <Icon name="download" size={13} /> Export
        </>
      }
    >
      <ul>
        {FORMATS.map(([format, what, name]) => (
          <li key={format}>
            <a
              href={`/api/runs/${id}/report?format=${format}`}
              download
              className="flex items-baseline justify-between gap-6 rounded-md px-2.5 py-1.5 text-[13px] hover:bg-sunken"
            >
              {what} <span className="text-xs text-ink-3">{name}</span>
            </a>
          </li>
        ))}
      </ul>
    </DropDown>
  );
}

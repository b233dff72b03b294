'use client';

import { Icon } from './icon';
import { csvText, markdownText, saveFile } from './save-file';

/** Buttons that take a table away, as CSV and as Markdown. */
export function TableFiles(props: {
  /** What the files are called, without an ending. */
  readonly name: string;
  readonly disabled: boolean;
  readonly table: () => readonly (readonly (string | number)[])[];
}) {
  const { name, disabled, table } = props;
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={disabled}
        onClick={() => saveFile(csvText(table()), `${name}.csv`, 'text/csv')}
      >
        <Icon name="download" size={13} /> CSV
      </button>
      <button
        type="button"
        className="button"
        disabled={disabled}
        onClick={() => saveFile(markdownText(table()), `${name}.md`, 'text/markdown')}
      >
        <Icon name="download" size={13} /> Markdown
      </button>
    </>
  );
}

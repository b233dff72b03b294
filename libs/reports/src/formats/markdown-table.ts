import { markdownTable } from 'markdown-table';

/** A table in Markdown, figures to the right. The heads are labels, and the cells are Markdown already. */
export function aligned(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable([head.map(escaped), ...rows], { align: ['l', ...head.slice(1).map(() => 'r')] });
}

/** Labels stand as they are: no part of them becomes markup or ends a cell. */
export function escaped(text: string): string {
  return text.replaceAll(/[\\`*_<>|[\]]/g, String.raw`\$&`);
}

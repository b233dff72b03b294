/** Marks the part of a page that is made from the code. */
const BEGIN = '<!-- Made from the code by "npm run docs". -->';
const END = '<!-- From here on by hand. -->';

export interface PageFacts {
  readonly summary: string;
  readonly source: string;
  readonly version: number | undefined;
  readonly parameters: readonly PageParameter[];
  /** From the top of the workspace. */
  readonly file: string;
  /** ONNX operators, for gradient rules. */
  readonly operators?: readonly string[];
}

export interface PageParameter {
  readonly name: string;
  readonly type: string;
  readonly default: string;
  readonly meaning: string;
}

/** A page before its facts are known. */
export function pageText(name: string, prompt: string): string {
  return `${marked(name)}\n## What it does\n\n${prompt}\n`;
}

/** A page with its marks: one that is not there is begun, one that has only what is written by hand is completed. */
export function withMarks(name: string, page: string | undefined): string {
  if (page === undefined) return marked(name);
  return page.startsWith('## ') ? `${marked(name)}\n${page}` : page;
}

/** Whether anything was written by hand. */
export function isTold(page: string): boolean {
  return page.slice(page.indexOf(END) + END.length).trim() !== '';
}

/** The page with the part that is made from the code brought up to date. */
export function withFacts(page: string, facts: PageFacts): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(
      `The page of ${facts.file} lacks its marks. Expected the lines "${BEGIN}" and "${END}", and what is made from the code between them.`,
    );
  }
  return `${page.slice(0, begin)}${BEGIN}\n\n${factsText(facts)}\n\n${page.slice(end)}`;
}

function marked(name: string): string {
  return `# ${name}\n\n${BEGIN}\n\n${END}\n`;
}

function factsText({ summary, source, version, parameters, file, operators }: PageFacts): string {
  const name = file.split('/').at(-1)!;
  const lines = [summary, ''];
  if (operators) lines.push(`Operators: ${operators.map((op) => `\`${op}\``).join(', ')}.`, '');
  else if (parameters.length === 0) lines.push('It takes no parameters.', '');
  else {
    lines.push('| parameter | type | default | meaning |', '| --- | --- | --- | --- |');
    for (const item of parameters) {
      lines.push(`| ${[`\`${item.name}\``, cell(item.type), `\`${item.default}\``, cell(item.meaning)].join(' | ')} |`);
    }
    lines.push('');
  }
  if (source) lines.push(`Source: ${source}.`.replace(/\.\.$/, '.'), '');
  lines.push(`Code: [${name}](../../../${file})${version === undefined ? '' : `, version ${version}`}`);
  return lines.join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

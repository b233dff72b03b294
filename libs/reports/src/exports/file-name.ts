/** A text as a name of a file: what other systems do not take in one becomes a dash. */
export function fileName(text: string): string {
  return text.replace(/[^\w.=()-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'unnamed';
}

/** Names of files that are all different, in any case of letters. */
export class FileNames {
  private readonly taken = new Set<string>();

  unique(text: string): string {
    const name = fileName(text);
    for (let count = 1; ; count++) {
      const tried = count === 1 ? name : `${name}-${count}`;
      if (this.taken.has(tried.toLowerCase())) continue;
      this.taken.add(tried.toLowerCase());
      return tried;
    }
  }
}

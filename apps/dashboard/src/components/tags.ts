/** As the API takes it. */
const TAG = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,30}$/u;

export const TAG_TEXT =
  'it has letters, digits, spaces, dots and dashes, at most 31, and begins with a letter or a digit.';

/** The tags of a line that parts them by commas, or the first that is none. */
export function tagsIn(line: string): { readonly tags: readonly string[] } | { readonly wrong: string } {
  const tags = line
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const wrong = tags.find((one) => !TAG.test(one));
  return wrong === undefined ? { tags } : { wrong };
}

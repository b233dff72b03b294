/** Controls but line feeds and tabs, and the marks that turn the direction of writing. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text as it may be shown: characters that would steer a terminal, or make text look like another, as escapes.
 * Line feeds and tabs stay.
 */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Whether every character of a text is one that is shown as it is. */
export function isVisible(text: string): boolean {
  return !/[\n\t]/.test(text) && visible(text) === text;
}

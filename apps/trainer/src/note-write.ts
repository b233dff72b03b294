import { hostname, userInfo } from 'node:os';

import type { Store } from '@rampart/results';

/** Notes down that the user of this command has changed something, as the dashboard does for its visitors. */
export async function noteWrite({ writes }: Store, action: string, subject: object): Promise<void> {
  await writes.note({ author: whoAmI(), action, subject: JSON.stringify(subject) });
}

/** What the user of this command is called: `ann@laptop`. */
export function whoAmI(): string {
  return `${user()}@${hostname()}`;
}

/** Containers may run as a number that has no name. */
function user(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'somebody');
  }
}

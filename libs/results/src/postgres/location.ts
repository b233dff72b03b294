/** Whether a store is on a server rather than in a folder. */
export function isServer(location: string): boolean {
  return /^postgres(ql)?:\/\//i.test(location);
}

/** A store's place as people may see it: without the password. */
export function shownLocation(location: string): string {
  if (!isServer(location)) return location;
  return location.replace(/^(\w+:\/\/[^/@]*?):[^@]*@/, '$1@').replace(/([?&]password=)[^&]*/gi, '$1...');
}

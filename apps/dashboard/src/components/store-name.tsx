'use client';

import { createContext, type ReactNode, useContext } from 'react';

const StoreName = createContext('.rampart');

/** The folder of the store that is served, as it was named when the dashboard was started. */
export function useStoreName(): string {
  return useContext(StoreName);
}

export function StoreNameProvider({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return <StoreName.Provider value={name}>{children}</StoreName.Provider>;
}

'use client';

import type { Role } from '@rampart/api';
import { createContext, type ReactNode, useContext } from 'react';

import { Empty } from './ui/empty';

const VisitorRole = createContext<Role>('write');

/** Whether whoever looks may change something too; a page offers nobody what they would be refused. */
export function useMayWrite(): boolean {
  return useContext(VisitorRole) === 'write';
}

export function VisitorProvider({ role, children }: { readonly role: Role; readonly children: ReactNode }) {
  return <VisitorRole.Provider value={role}>{children}</VisitorRole.Provider>;
}

/** The same, where nothing would be left of the page: says so. */
export function WritersOnly({ what, children }: { readonly what: string; readonly children: ReactNode }) {
  if (useMayWrite()) return children;
  return (
    <Empty icon="info" title="Your token lets you look">
      {`Those may ${what} whose token has the role "write".`}
    </Empty>
  );
}

/** What only those see who may use it. */
export function ForWriters({ children }: { readonly children: ReactNode }) {
  return useMayWrite() ? children : null;
}

import { createContext } from 'react';

/** Where a page's links lead. */
export interface Links {
  readonly findings: string;
  /** All that is known of a test sample; undefined where there is no more of it. */
  readonly sample?: (testIndex: number) => string;
}

/** Those of a page that has everything in it. */
export const LinksContext = createContext<Links>({ findings: '#findings' });

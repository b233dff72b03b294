import Link from 'next/link';
import type { ReactNode } from 'react';

import { Empty } from './empty';

const TITLES: Readonly<Record<string, string>> = {
  NOT_FOUND: 'Not in this store',
  BAD_REQUEST: 'That address is not right',
  SERVICE_UNAVAILABLE: 'The store cannot be read',
  store: 'The store cannot be read',
  UNPROCESSABLE_CONTENT: 'The data is damaged',
};

/** An error as a page: what happened, in the words of whatever it happened to. */
export function FailureView(props: { readonly code: string; readonly message: string; readonly children?: ReactNode }) {
  const { code, message } = props;
  return (
    <Empty tone="bad" title={TITLES[code] ?? 'Something failed'} whole>
      <p className="break-words">{message}</p>
      {props.children}
      <Link href="/runs" className="button">
        All runs
      </Link>
    </Empty>
  );
}

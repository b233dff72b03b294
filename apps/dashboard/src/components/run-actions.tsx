'use client';

import { lazy, Suspense, useState } from 'react';

import { Icon } from './icon';
import { type ActionRun, TRIGGER } from './run-trigger';
import { useMayWrite } from './visitor';

const load = () => import('./run-menu');
const RunMenu = lazy(async () => ({ default: (await load()).RunMenu }));

/** The button of a run's menu. The menu and its dialogs come when somebody reaches for them. */
export function RunActions({ run }: { readonly run: ActionRun }) {
  const [asked, setAsked] = useState(false);
  const mayWrite = useMayWrite();
  const button = (
    <button
      type="button"
      className={TRIGGER}
      aria-label={`Actions for ${run.name}`}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => setAsked(true)}
    >
      <Icon name="more" />
    </button>
  );
  if (!mayWrite) return null;
  if (!asked) return button;
  return (
    <Suspense fallback={button}>
      <RunMenu run={run} />
    </Suspense>
  );
}

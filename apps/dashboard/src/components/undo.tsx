'use client';

import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';

import { Icon } from './icon';

/** Something that was done and can be taken back. */
interface Done {
  readonly text: string;
  readonly undo: () => Promise<unknown>;
}

/** How long it is offered; longer while somebody is at it. */
const OFFERED_MS = 20_000;

const Tell = createContext<(done: Done) => void>(() => undefined);

/** Says that something was done, with a button that takes it back. */
export function useUndo(): (done: Done) => void {
  return useContext(Tell);
}

export function UndoProvider({ children }: { readonly children: ReactNode }) {
  const [done, setDone] = useState<Done>();
  const [state, setState] = useState<'offered' | 'pending' | string>('offered');
  const [held, setHeld] = useState(false);
  const tell = useCallback((next: Done) => {
    setState('offered');
    setDone(next);
  }, []);
  useEffect(() => {
    if (!done || held || state === 'pending') return undefined;
    const timer = setTimeout(() => setDone(undefined), OFFERED_MS);
    return () => clearTimeout(timer);
  }, [done, held, state]);
  const takeBack = async () => {
    setState('pending');
    try {
      await done!.undo();
      setDone(undefined);
    } catch (error) {
      setState((error as Error).message);
    }
  };
  const failed = state !== 'offered' && state !== 'pending';
  return (
    <Tell.Provider value={tell}>
      {children}
      <div
        role="status"
        className="fixed inset-x-4 bottom-4 z-50 mx-auto w-fit max-w-[min(560px,calc(100vw-32px))]"
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocus={() => setHeld(true)}
        onBlur={() => setHeld(false)}
      >
        {done && (
          <div className="flex items-center gap-3 rounded-lg border border-line bg-raised py-2 pr-2 pl-4 text-[13px] shadow-pop">
            <span className={`min-w-0 break-words ${failed ? 'text-bad' : ''}`}>{failed ? state : done.text}</span>
            <button type="button" className="button" disabled={state === 'pending'} onClick={() => void takeBack()}>
              {failed ? 'Try again' : 'Undo'}
            </button>
            <button
              type="button"
              aria-label="Dismiss"
              className="grid size-7 shrink-0 place-items-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
              onClick={() => setDone(undefined)}
            >
              <Icon name="close" size={12} />
            </button>
          </div>
        )}
      </div>
    </Tell.Provider>
  );
}

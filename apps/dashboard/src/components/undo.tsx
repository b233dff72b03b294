'use client';

import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';

import { Icon } from './icon';

/** Something that was done and can be taken back, or that failed. */
interface Done {
  readonly text: string;
  /** Undefined where it failed. */
  readonly undo?: () => Promise<unknown>;
}

/** What is said of it: that it can be taken back, or why that did not go. */
interface Shown {
  readonly done: Done;
  readonly state: 'offered' | 'pending' | { readonly failure: string };
}

/** How long it is offered; longer while somebody is at it. */
const OFFERED_MS = 20_000;

const Tell = createContext<(done: Done) => void>(() => undefined);

/** Says that something was done, with a button that takes it back, or why it was not. */
export function useUndo(): (done: Done) => void {
  return useContext(Tell);
}

export function UndoProvider({ children }: { readonly children: ReactNode }) {
  const [shown, setShown] = useState<Shown>();
  const [held, setHeld] = useState(false);
  const tell = useCallback((done: Done) => setShown({ done, state: 'offered' }), []);
  useEffect(() => {
    if (!shown || held || shown.state === 'pending') return undefined;
    const timer = setTimeout(() => setShown(undefined), OFFERED_MS);
    return () => clearTimeout(timer);
  }, [shown, held]);
  const takeBack = async (done: Done, undo: () => Promise<unknown>) => {
    // What is said by then of something else stays.
    const end = (next: Shown | undefined) => setShown((latest) => (latest?.done === done ? next : latest));
    end({ done, state: 'pending' });
    try {
      await undo();
      end(undefined);
    } catch (error) {
      end({ done, state: { failure: (error as Error).message } });
    }
  };
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
        {shown && (
          <Notice {...shown} onUndo={(undo) => void takeBack(shown.done, undo)} onDismiss={() => setShown(undefined)} />
        )}
      </div>
    </Tell.Provider>
  );
}

function Notice(
  props: Shown & { readonly onUndo: (undo: () => Promise<unknown>) => void; readonly onDismiss: () => void },
) {
  const { state, done, onUndo, onDismiss } = props;
  const { text, undo } = done;
  const failure = typeof state === 'object' ? state.failure : undo ? undefined : text;
  return (
    <div className="flex items-center gap-3 rounded-lg border border-line bg-raised py-2 pr-2 pl-4 text-[13px] shadow-pop">
      <span className={`min-w-0 break-words ${failure === undefined ? '' : 'text-bad'}`}>{failure ?? text}</span>
      {undo && (
        <button type="button" className="button" disabled={state === 'pending'} onClick={() => onUndo(undo)}>
          {failure === undefined ? 'Undo' : 'Try again'}
        </button>
      )}
      <button
        type="button"
        aria-label="Dismiss"
        className="grid size-7 shrink-0 place-items-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
        onClick={onDismiss}
      >
        <Icon name="close" size={12} />
      </button>
    </div>
  );
}

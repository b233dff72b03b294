'use client';

import { useCallback, useState } from 'react';

/** Rows that a long table begins with, and that are added whenever somebody comes near its end. */
const STEP = 30;
/** Pixels below the window within which its end is near. */
const NEAR = 500;

/**
 * The first rows of a long table, and more as somebody reads on: rows that nobody looks at are not drawn.
 * @param of says which rows they are; with others the table begins anew
 * @returns `end` is the ref of what stands below the last row, `more` adds rows for whoever asks in another way
 */
export function useGrowing<T>(rows: readonly T[], of: string) {
  const [grown, setGrown] = useState({ of, length: STEP });
  // Not kept for whoever comes back to them, by taking a search back: all that was read would be drawn at once.
  if (grown.of !== of) setGrown({ of, length: STEP });
  const { length } = grown;
  const more = useCallback(() => setGrown({ of, length: length + STEP }), [of, length]);
  const end = useCallback(
    (element: Element | null) => {
      if (!element) return;
      const observer = new IntersectionObserver(
        ([entry]) => {
          if (entry!.isIntersecting) more();
        },
        { rootMargin: `${NEAR}px` },
      );
      observer.observe(element);
      return () => observer.disconnect();
    },
    [more],
  );
  return { shown: rows.slice(0, length), left: Math.max(0, rows.length - length), more, end };
}

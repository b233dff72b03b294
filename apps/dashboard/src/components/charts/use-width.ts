'use client';

import { useEffect, useRef, useState } from 'react';

/** The width of an element, for drawings that fill it; a guess until it is known. */
export function useWidth<T extends HTMLElement>(guess: number) {
  const ref = useRef<T>(null);
  const [width, setWidth] = useState(guess);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(200, Math.floor(entry.contentRect.width)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

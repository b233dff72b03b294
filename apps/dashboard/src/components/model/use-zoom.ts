'use client';

import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useEffectEvent, useState } from 'react';
import { flushSync } from 'react-dom';

/** By how much one step zooms. */
const STEP = 1.25;
const LARGEST = 4;
const SMALLEST = 0.1;
/** A drag that is shorter is a click, in pixels. */
const DRAG = 4;

interface Place {
  readonly x: number;
  readonly y: number;
}

/**
 * Zooms a drawing in a frame that scrolls, about the pointer or the middle of the frame, and moves it by a drag. Keys:
 * + and -, 0 for all of it.
 * @param frame holds one SVG with a view box
 * @param height that the frame has at most, in pixels
 */
export function useZoom(frame: RefObject<HTMLDivElement | null>, height: number) {
  const [zoom, setZoom] = useState(1);
  const whole = () => {
    const { width, height: full } = frame.current!.querySelector('svg')!.viewBox.baseVal;
    const { paddingLeft, paddingRight, paddingTop, paddingBottom } = getComputedStyle(frame.current!);
    const room = frame.current!.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    return Math.min(1, room / width, (height - parseFloat(paddingTop) - parseFloat(paddingBottom)) / full);
  };
  const zoomTo = (wanted: number, about?: Place) => {
    const element = frame.current!;
    const next = Math.min(LARGEST, Math.max(Math.min(SMALLEST, whole()), wanted));
    const { x, y } = about ?? { x: element.clientWidth / 2, y: element.clientHeight / 2 };
    const { scrollLeft, scrollTop } = element;
    flushSync(() => setZoom(next));
    element.scrollLeft = ((scrollLeft + x) * next) / zoom - x;
    element.scrollTop = ((scrollTop + y) * next) / zoom - y;
  };
  const zoomIn = () => zoomTo(zoom * STEP);
  const zoomOut = () => zoomTo(zoom / STEP);
  const fit = () => zoomTo(whole());

  const roll = useEffectEvent((event: WheelEvent) => {
    // Without Control the wheel scrolls; a pinch of two fingers comes as both.
    if (!event.ctrlKey) return;
    event.preventDefault();
    const { left, top } = frame.current!.getBoundingClientRect();
    zoomTo(zoom * Math.exp(-event.deltaY / 300), { x: event.clientX - left, y: event.clientY - top });
  });
  useEffect(() => {
    const element = frame.current!;
    const listen = (event: WheelEvent) => roll(event);
    // React listens to the wheel passively, and then the page would be zoomed.
    element.addEventListener('wheel', listen, { passive: false });
    return () => element.removeEventListener('wheel', listen);
  }, [frame]);

  const [from, setFrom] = useState<Place>();
  const keys: Readonly<Record<string, () => void>> = { '+': zoomIn, '=': zoomIn, '-': zoomOut, '0': fit };
  return {
    zoom,
    zoomIn,
    zoomOut,
    fit,
    handlers: {
      onKeyDown: (event: KeyboardEvent) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
        event.preventDefault();
        keys[event.key]!();
      },
      onPointerDown: (event: PointerEvent) => {
        // A finger scrolls by itself.
        if (event.pointerType === 'mouse' && event.button === 0) setFrom({ x: event.clientX, y: event.clientY });
      },
      onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
        const element = event.currentTarget;
        if (!from || (!element.hasPointerCapture(event.pointerId) && !isDrag(from, event))) return;
        element.setPointerCapture(event.pointerId);
        element.scrollLeft += from.x - event.clientX;
        element.scrollTop += from.y - event.clientY;
        setFrom({ x: event.clientX, y: event.clientY });
      },
      onPointerUp: () => setFrom(undefined),
      onPointerLeave: () => setFrom(undefined),
    },
  };
}

function isDrag({ x, y }: Place, { clientX, clientY }: PointerEvent): boolean {
  return Math.hypot(clientX - x, clientY - y) > DRAG;
}

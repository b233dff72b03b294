'use client';

import type { Picture } from '@rampart/api';
import { useEffect, useRef } from 'react';

type Part = 'original' | 'adversarial' | 'perturbation';

/** A decrease is blue, an increase orange: told apart by every eye, on light and on dark. */
const DECREASE = [33, 113, 207] as const;
const INCREASE = [226, 110, 0] as const;

/** One part of a picture, each pixel a square. */
export function Pixels({
  picture,
  part,
  label,
}: {
  readonly picture: Picture;
  readonly part: Part;
  readonly label: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const text = picture[part];
  const { channels, height, width } = picture;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const image = context.createImageData(width, height);
    const area = width * height;
    for (let i = 0; i < area; i++) {
      if (part === 'perturbation') {
        const value = new Int8Array(bytes.buffer)[i]!;
        image.data.set(value < 0 ? DECREASE : INCREASE, i * 4);
        image.data[i * 4 + 3] = Math.abs(value) * 2;
      } else {
        for (let c = 0; c < 3; c++) image.data[i * 4 + c] = bytes[(channels === 1 ? 0 : c) * area + i]!;
        image.data[i * 4 + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
  }, [text, part, channels, height, width]);
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      role="img"
      aria-label={label}
      className="block aspect-square w-full rounded-sm bg-sunken [image-rendering:pixelated]"
    />
  );
}

import { isVisible } from '@rampart/core';
import { VIEW_PLACES } from '@rampart/results';
import { z } from 'zod';

/** Schemas that several procedures share. */
export const runId = z.string().min(1).max(64);
export const label = z.string().min(1).max(300);
export const metricName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/);
export const seed = z.int().min(0);
export const attackedMode = z.enum(['static', 'adaptive']);
export const checksum = z.string().regex(/^[0-9a-f]{64}$/);
/** As much of a checksum as is unambiguous. */
export const checksumBeginning = z.string().regex(/^[0-9a-f]{6,64}$/);
export const tag = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,30}$/u, 'Letters, digits, spaces, dots, dashes; at most 31');
export const runName = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .refine(isVisible, 'Letters, digits, spaces and signs; no control characters');
/** What tables call a model that somebody brings. */
export const modelName = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._()=,+-]{0,79}$/u, 'Letters, digits, spaces and ._()=,+- ; at most 80');
/** Markdown. */
export const noteText = z.string().max(20_000);
export const viewPlace = z.enum(VIEW_PLACES);

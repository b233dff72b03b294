import type { AttackedInstance } from './attack-instance';
import type { AttackLoss } from './classifier';

/**
 * Moves a point of an instance, in place.
 * @param gradient that of the loss at the point
 * @param sign 1 where the step goes against the gradient, -1 where it goes along it
 */
export type DescentStep = (point: Float32Array, gradient: Float32Array, sign: 1 | -1) => void;

/**
 * A search that asks for the gradient at a point, moves the point, asks again, and looks at nothing else. So the base
 * keeps the points of all instances in one array, and has no search of each to wait for.
 */
export interface Descent {
  readonly loss: AttackLoss;
  /** Gradients of a run. */
  readonly steps: number;
  /** Begins a run. @param point takes where it starts @returns its step */
  begin(instance: AttackedInstance, point: Float32Array): DescentStep;
}

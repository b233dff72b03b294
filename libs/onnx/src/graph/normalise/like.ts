import type { GraphBuilder } from '../builder';
import type { Tensor } from '../ir';

/** A constant in the element type of a value. */
export function like(builder: GraphBuilder, value: Tensor, of: string): string {
  return builder.node('CastLike', [builder.constant(value), of]);
}

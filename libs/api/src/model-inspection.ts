import { inspectionKey, type Store } from '@rampart/results';
import { z } from 'zod';

const tensor = z.object({ name: z.string(), type: z.string(), shape: z.array(z.union([z.number(), z.string()])) });

/** What the trainer's process finds out about a model file, as the store's document `inspectionKey`. */
export const modelInspection = z.object({
  inputs: z.array(tensor),
  outputs: z.array(tensor),
  opset: z.number().optional(),
  producer: z.string().optional(),
  parameters: z.number().optional(),
  operators: z.array(z.object({ name: z.string(), count: z.number(), gradient: z.enum(['exact', 'zero', 'missing']) })),
  /** Whether its output is logits, probabilities or hard labels. */
  head: z.enum(['logits', 'probabilities', 'hard-labels', 'unknown']).optional(),
  /** Further findings, as sentences. */
  findings: z.array(z.object({ level: z.enum(['good', 'note', 'problem']), text: z.string() })).default([]),
  /** The graph to draw: each node's name, operator, the names of the nodes before it, and what else the file says of it. */
  graph: z
    .array(
      z.object({
        id: z.string(),
        operator: z.string(),
        after: z.array(z.string()),
        shape: z.string().optional(),
        attributes: z.record(z.string(), z.string()).optional(),
        constants: z.record(z.string(), z.string()).optional(),
      }),
    )
    .default([]),
});

export type ModelInspection = z.output<typeof modelInspection>;

/** Undefined while it was not inspected, or by a version that found out other things. */
export async function inspectionOf(store: Store, artifact: string): Promise<ModelInspection | undefined> {
  return modelInspection.safeParse(await store.documents.get(inspectionKey(artifact))).data;
}

import { z } from 'zod';

import { runName, viewPlace } from './inputs';
import { LOCAL, procedure, router } from './trpc';

/** Filters, order and columns of lists that somebody has kept for everybody. */
export const viewsRouter = router({
  list: procedure
    .input(z.object({ place: viewPlace }))
    .query(({ ctx: { store }, input }) => store.views.list(input.place)),

  add: procedure
    .input(z.object({ place: viewPlace, name: runName, query: z.string().max(2000) }))
    .mutation(({ ctx: { store, visitor }, input: { place, name, query } }) =>
      store.views.add(place, { name, query, author: (visitor ?? LOCAL).name }),
    ),

  remove: procedure
    .input(z.object({ place: viewPlace, name: runName }))
    .mutation(({ ctx: { store }, input }) => store.views.remove(input.place, input.name)),
});

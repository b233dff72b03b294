import { defineDataset, definePlugin } from '@rampart/core';
import { z } from 'zod';

const neverLoads = defineDataset({
  name: 'never-loads',
  summary: 'A dataset with a fault.',
  source: 'None',
  version: 1,
  params: z.object({}),
  load() {
    for (;;);
  },
});

export default definePlugin({ name: 'never-loads', version: '0.1.0', core: '^0.1.0', components: [neverLoads] });

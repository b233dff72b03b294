import { definePlugin } from '@rampart/core';

import { randomSign } from './random-sign';

export default definePlugin({ name: 'from-the-future', version: '9.0.0', core: '^9.0.0', components: [randomSign] });

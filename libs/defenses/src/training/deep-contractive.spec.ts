import { describeDefense } from '@rampart/testing';

import { defenseArena } from '../defense-arena.kit';
import { deepContractive } from './deep-contractive';

describeDefense(deepContractive, defenseArena({ lambda: 0.01, epochs: 2, batchSize: 16, validation: 0.1 }));

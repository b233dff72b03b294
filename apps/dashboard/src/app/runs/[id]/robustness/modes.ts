/** How the examples were made that robust accuracy was measured on. */
export const MODES = {
  adaptive: {
    name: 'Adaptive',
    text: 'Examples made against each model itself, its defense included.',
  },
  static: {
    name: 'Transfer (static)',
    text: 'Examples made against the undefended model and replayed. A high figure is no proof of robustness.',
  },
} as const;

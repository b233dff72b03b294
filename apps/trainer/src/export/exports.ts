/** What a run can be written as for others. */
export const EXPORTS = ['examples', 'report', 'card', 'robustbench', 'sarif', 'hardened'] as const;

export type Export = (typeof EXPORTS)[number];

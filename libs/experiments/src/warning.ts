/** What to tell before anything runs, as it may not be worth running. */
export interface Warning {
  readonly text: string;
  readonly better?: BetterParams;
}

/** Parameters of a model file with which far more test samples are right, and how they and those given do. */
export interface BetterParams {
  readonly preprocess?: string;
  readonly positiveIndex?: 0 | 1;
  readonly figures: string;
}

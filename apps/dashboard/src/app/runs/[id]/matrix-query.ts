/** What the address of the matrix asks for. */
export function matrixQuery(params: { get(name: string): string | null }) {
  const metric = params.get('metric') ?? 'error-rate';
  const mode: 'static' | 'adaptive' = params.get('mode') === 'static' ? 'static' : 'adaptive';
  return { metric: /^[a-z][a-z0-9-]{0,40}$/.test(metric) ? metric : 'error-rate', mode };
}

export interface CellAddress {
  readonly model: string;
  readonly attack: string;
  readonly mode: 'clean' | 'static' | 'adaptive';
}

/** The cell that is open, if one is. */
export function cellOf(params: { get(name: string): string | null }): CellAddress | undefined {
  const model = params.get('model');
  const attack = params.get('attack');
  if (!model || !attack) return undefined;
  return { model, attack, mode: attack === 'none' ? 'clean' : matrixQuery(params).mode };
}

/** Whether a run asks how its models withstand threats: its plan says so from the start. */
export function hasThreats(steps: readonly { readonly kind: string }[]): boolean {
  return steps.some(({ kind }) => kind === 'robustness');
}

import type { GraphBuilder } from '../graph/builder';

/** The contributions to each value's gradient. */
export class Totals {
  private readonly parts = new Map<string, string[]>();

  constructor(private readonly builder: GraphBuilder) {}

  add(name: string, gradient: string): void {
    const parts = this.parts.get(name);
    if (parts) parts.push(gradient);
    else this.parts.set(name, [gradient]);
  }

  /** The sum of what has come together. Nothing is added to it afterwards. */
  of(name: string): string | undefined {
    const parts = this.parts.get(name);
    if (!parts) return undefined;
    if (parts.length > 1) {
      parts.splice(0, parts.length, this.builder.node('Sum', parts, {}, { name: 'gradient/Sum' }));
    }
    return parts[0];
  }
}

import { type AuditDefinition, type AuditSubject, type Doubt, type Parameters, Registry } from '@rampart/core';

/** What an audit with these parameters, and the defaults of the others, says about a figure. */
export async function inspect(
  definition: AuditDefinition,
  subject: AuditSubject,
  params: Parameters = {},
): Promise<readonly Doubt[]> {
  const audit = new Registry<AuditDefinition>('audit', [definition]).resolve({ name: definition.name, params });
  return audit.definition.inspect(audit.params, subject);
}

import { audits } from '@rampart/audits';
import { type AuditDefinition, type Doubt, type Finding, formatThreat, throwIfCancelled } from '@rampart/core';

import type { AuditStep } from '../step';
import { Subject } from './audit-subject';
import type { StepContext, StepResult } from './context';
import type { AuditOutput } from './outputs';
import { type Course, treat } from './treat';

/** Looks for what makes the figures of one model doubtful, and tries what helps against it. */
export async function runAudit(step: AuditStep, context: StepContext): Promise<StepResult> {
  const subject = await Subject.read(step, context);
  try {
    const doubts: { readonly audit: AuditDefinition; readonly doubt: Doubt }[] = [];
    const asked = step.audits.map((spec) => audits.resolve(spec)).filter(({ definition }) => looksAt(definition, step));
    const total = asked.length + step.threats.length;
    for (const [done, { definition, params }] of asked.entries()) {
      throwIfCancelled(context.signal);
      context.onProgress?.({ done, total, unit: 'audits' });
      const found = await definition.inspect(params, subject.drawingFrom(definition.name));
      doubts.push(...found.map((doubt) => ({ audit: definition, doubt })));
    }
    const courses: Course[] = [];
    for (const [place, threat] of step.threats.entries()) {
      context.onProgress?.({ done: asked.length + place, total, unit: 'audits' });
      const concerning = doubts.filter(({ doubt }) => concerns(doubt, formatThreat(threat)));
      courses.push(await treat(subject, { threat, place, budget: step.budget, doubts: concerning }));
    }
    const output: AuditOutput = {
      findings: doubts.map(({ audit, doubt }) => findingOf(audit, doubt, courses)),
      remedies: courses.flatMap(({ results }) => results),
      drawn: courses.flatMap(({ drawn }) => drawn ?? []),
    };
    return { output, artifacts: [] };
  } finally {
    await subject.dispose();
  }
}

function looksAt({ modes }: AuditDefinition, { mode }: AuditStep): boolean {
  return modes.includes(mode);
}

function concerns({ threat }: Doubt, text: string): boolean {
  return threat === undefined || threat === text;
}

function findingOf(audit: AuditDefinition, doubt: Doubt, courses: readonly Course[]): Finding {
  const concerned = courses.filter(({ threat }) => concerns(doubt, formatThreat(threat)));
  return {
    audit: audit.name,
    ...doubt,
    remedies: concerned.flatMap(({ tried }) => tried.filter(({ remedy }) => audit.remedies.includes(remedy))),
    resolved: concerned.length > 0 && concerned.every((course) => course.resolves(audit)),
  };
}

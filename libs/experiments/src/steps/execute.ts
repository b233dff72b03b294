import type { Step } from '../step';
import { runAttack } from './attack';
import { runAudit } from './audit';
import { runCertify } from './certify';
import type { StepContext, StepResult } from './context';
import { runEnsemble } from './ensemble';
import { runEvaluate } from './evaluate';
import { resultBefore } from './game';
import { runHarden } from './harden';
import { runImport } from './import';
import { runRobustness } from './robustness';
import { runTrain } from './train';
import { runWorstCase } from './worst-case';

/** Does one step. */
export function executeStep(step: Step, context: StepContext): Promise<StepResult> {
  const before = resultBefore(step, context);
  if (before) return Promise.resolve(before);
  switch (step.kind) {
    case 'train':
      return runTrain(step, context);
    case 'import':
      return runImport(step, context);
    case 'ensemble':
      return runEnsemble(step, context);
    case 'harden':
      return runHarden(step, context);
    case 'attack':
      return runAttack(step, context);
    case 'evaluate':
      return runEvaluate(step, context);
    case 'worst-case':
      return runWorstCase(step, context);
    case 'audit':
      return runAudit(step, context);
    case 'robustness':
      return runRobustness(step, context);
    case 'certify':
      return runCertify(step, context);
  }
}

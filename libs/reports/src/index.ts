export { certifiedAccuracy, readCertificates, type ReportedCertificate } from './report/certificates';
export { type Claim, CLAIMS } from './published/claims';
export { publishedFigure, type PublishedFigure, publishedLabels, type PublishedQuery } from './published/lookup';
export { PUBLICATION, PUBLISHED_TABLES, type PublishedDataset, type PublishedTable } from './published/tables';
export { attackText, isAttack, NO_ATTACK, WORST_CASE } from './report/attack-labels';
export { arrangeCurves, type CurveDiagram, type CurveSeries } from './report/curves';
export { attackedEvaluations, type Evaluation } from './report/evaluations';
export { type ClaimComparison, type ClaimVerdict, judgeClaims } from './report/judge-claims';
export {
  compareIntervals,
  comparePaired,
  type Kept,
  type ModelDifference,
  SIGNIFICANCE,
  type StandingDifference,
} from './report/compare-models';
export { type DoubtfulFigure, doubtfulFigures } from './report/doubtful-figures';
export { failedSteps, type Failure, failuresOf } from './report/failures';
export {
  findingsAbout,
  isEstablished,
  overSeedsOf,
  readFindings,
  type ReportedFinding,
  type SharedFinding,
} from './report/findings';
export { type DeviceSession, type ReportedDevice } from './report/devices';
export { groupBy } from './report/group-by';
export { FALLEN, type Headline } from './report/headline';
export { failedStepsOf, type MissingCell, missingCells } from './report/missing-cells';
export { type Measured, overSeeds } from './report/over-seeds';
export { readBeyond } from './report/read-beyond';
export { possibleErrors } from './report/possible-error';
export { type Picture } from './report/pictures';
export { type ShownCell, type ShownRow } from './report/shown-row';
export {
  type ClassJudgement,
  type InstanceDetails,
  instanceDetails,
  type NearestExample,
  nearestExamples,
} from './report/instance-details';
export { type AttackedRow, attackedRows, type ShownSample, shownSample, shownSamples } from './report/shown-samples';
export { listedSound, type ShownSound, type SoundView } from './report/shown-sound';
export { type MadeWith, madeWith, madeWithOf } from './report/made-with';
export { type AttackOptimality, type OptimalityTable, optimalityTables } from './report/optimality';
export { readReport, repeatedModels, type Report } from './report/read-report';
export { type ReportedAttack, type ReportedCurve, type ReportedRobustness, readRobustness } from './report/robustness';
export {
  pointAt,
  type RobustnessDiagram,
  robustnessDiagrams,
  type RobustnessDot,
  type RobustnessLine,
  type RobustnessPanel,
  type RobustnessPoint,
} from './report/robustness-diagrams';
export { readSamples, type Sample, type SampleFigure, type SampleRow } from './report/samples';
export {
  countsOf,
  keptOf,
  type ModelStanding,
  type SeedStanding,
  seedStandings,
  shareOver,
  type StandingAttack,
  type StandingInput,
  type StandingTable,
  standingTables,
  worstOf,
} from './report/standings';
export { readStandings, standingInput } from './report/read-standings';
export { type RunFigure } from './report/run-figures';
export { type ReportCell, type ReportTable, reportTables } from './report/tables';
export {
  type SeedFigure,
  type ThreatAttack,
  type ThreatModel,
  type ThreatTable,
  threatTables,
} from './report/threat-tables';
export { formatFigure } from './formats/figure-text';
export { formatReport, REPORT_FORMATS, type ReportFormat } from './formats/format-report';
export { differenceLines, measuredText } from './formats/standing-wording';
export { type Accent, accented, extremes, PLAIN, type Terminal } from './formats/terminal';
export { type TextCell, textTable } from './formats/text-table';
export { type SiteFile, siteFiles, type SiteOptions } from './formats/site/site-files';
export { FileNames } from './exports/file-name';
export { modelCard } from './exports/model-card';
export { type RobustFigure, robustFigures } from './exports/robust-figures';
export { type ModelInfoFile, modelInfoFiles } from './exports/robustbench';
export { sarifLog } from './exports/sarif';
export { caveatsOf, knowledgeText, type Peculiarities, peculiaritiesOf } from './report/peculiarities';
export { targetOf, targetText } from './report/target-of';

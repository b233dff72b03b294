import { expectUpToDate } from './workspace';

it('every library exports what its report in etc/api says: a public interface does not change by accident', () => {
  expectUpToDate('api-reports');
});

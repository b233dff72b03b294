import { deviceTexts } from './device-wording';
import { reportHtml } from './html/report-html';
import { reportMarkdown } from './markdown';
import { exampleReport } from './report.fixture';
import { reportText } from './text';

describe('what a device did', () => {
  const report = exampleReport();

  it('is told session by session', () => {
    expect(report.devices.map(deviceTexts)).toEqual([
      {
        title: 'lenet5: webgpu',
        sessions: [
          'margin: 300 instances compared, largest difference 4.0e-7 (logits), 2.5e-6 (gradient)',
          'cross-entropy: 1 instance compared, largest difference 3.0e-7 (logits); on the CPU: Conv "conv<2>"; webgpu alone was off by 5.2e-1 (logits)',
          'dlr: all on the CPU, 0 instances compared; webgpu refuses the model: no kernel',
        ],
      },
    ]);
  });

  it('is in every format that people read, and in none where all was on the CPU', () => {
    for (const format of [reportText, reportMarkdown, (one: typeof report) => reportHtml(one, [])]) {
      expect(format(report)).toContain('What was computed where');
      expect(format(report)).toMatch(
        /cross-entropy: 1 instance compared.*(conv<2>|conv&lt;2&gt;|conv\\<2\\>|conv\\<2>)/,
      );
      expect(format({ ...report, devices: [] })).not.toContain('What was computed where');
    }
  });
});

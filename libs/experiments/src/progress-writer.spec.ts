import { ProgressWriter, type StepProgress } from './progress-writer';

const of = (step: string, done: number): StepProgress => ({
  ...{ type: 'step-progress', step, done, total: 1_000_000, unit: 'batches' },
});

describe('the writer of progress', () => {
  let written: StepProgress[];
  let writer: ProgressWriter;

  beforeEach(() => {
    jest.useFakeTimers();
    written = [];
    writer = new ProgressWriter((progress) => {
      written.push(progress);
      return Promise.resolve();
    });
  });
  afterEach(async () => {
    await writer.close();
    jest.useRealTimers();
  });

  it('writes 20 a second at most, of a thousand steps that tell it ten times a second, each in its turn', async () => {
    for (let tenth = 0; tenth < 100; tenth++) {
      for (let step = 0; step < 1_000; step++) writer.tell(of(`${step}`, tenth));
      await jest.advanceTimersByTimeAsync(100);
    }
    expect(written.length).toBeGreaterThan(190);
    expect(written.length).toBeLessThanOrEqual(201);
    expect(new Set(written.map(({ step }) => step)).size).toBe(written.length);
  });

  it('writes of each step what it told last, and of one step alone four times a second', async () => {
    for (let done = 0; done < 1_000; done++) {
      writer.tell(of('one', done));
      await jest.advanceTimersByTimeAsync(1);
    }
    for (let step = 0; step < 30; step++) for (const done of [1, 2, 3]) writer.tell(of(`${step}`, done));
    expect(written.length).toBeLessThanOrEqual(5);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(written.filter(({ step }) => step === 'one').at(-1)).toEqual(of('one', 999));
    expect(written.filter(({ step }) => step !== 'one')).toEqual(
      Array.from({ length: 30 }, (_, step) => of(`${step}`, 3)),
    );
  });

  it('writes nothing of a step that it was told to forget, and waits for what is being written of it', async () => {
    let written = (): void => undefined;
    const begun: string[] = [];
    const slow = new ProgressWriter(({ step }) => {
      begun.push(step);
      return new Promise((done) => (written = done));
    });
    slow.tell(of('slow', 1));
    slow.tell(of('slow', 2));
    slow.tell(of('next', 1));
    await slow.forget('next');
    let forgotten = false;
    const forgetting = slow.forget('slow').then(() => (forgotten = true));
    await jest.advanceTimersByTimeAsync(1_000);
    expect([begun, forgotten]).toEqual([['slow'], false]);
    written();
    await forgetting;
    await slow.close();
    expect(begun).toEqual(['slow']);
  });
});

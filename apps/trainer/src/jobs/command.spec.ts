import { inFolder, runCommand } from './command';

it('starts a process that gives memory back to the system', async () => {
  const options = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = '--import=data:text/javascript,console.log(process.env.MALLOC_MMAP_THRESHOLD_)';
  try {
    const { stdout } = await inFolder((folder) =>
      runCommand(['--help'], { folder, signal: new AbortController().signal, stop: 'SIGTERM' }),
    );
    expect(stdout.split('\n')[0]).toBe('1048576');
  } finally {
    if (options === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = options;
  }
});

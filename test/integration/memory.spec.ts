import { rampart, temporaryFolder } from './rampart';

describe('memory that was freed', () => {
  const cwd = temporaryFolder();
  // Each start of a process says which it is and what glibc is told.
  const NODE_OPTIONS =
    '--import=data:text/javascript,console.log(`start`,process.pid,process.env.MALLOC_MMAP_THRESHOLD_)';
  const starts = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { stdout, code } = await rampart(args, { cwd, env: { ...env, NODE_OPTIONS } });
    const said = [...stdout.matchAll(/^start (\d+) (\S+)$/gm)];
    return { code, processes: new Set(said.map(([, pid]) => pid)).size, told: said.map(([, , told]) => told) };
  };

  const restarts = process.platform === 'linux' && 'execve' in process;

  it('goes back to the system while a long command runs, in the process that was started', async () => {
    expect(await starts(['run', 'no-such.yaml'])).toEqual({
      code: 2,
      processes: 1,
      told: restarts ? ['undefined', '1048576'] : ['undefined'],
    });
  });

  it('goes where the environment says', async () => {
    const { told } = await starts(['run', 'no-such.yaml'], { MALLOC_MMAP_THRESHOLD_: '65536' });
    expect(told).toEqual(['65536']);
  });

  it('is nothing to start a short command twice for', async () => {
    expect((await starts(['list'])).told).toEqual(['undefined']);
  });
});

import { listening } from './listening';

describe('where the dashboard listens', () => {
  it.each(['127.0.0.1', 'localhost', '::1', '127.0.1.1'])('needs no token on this machine alone: %s', (host) => {
    const { token, address } = listening({ host, port: 4300 });
    expect(token).toBeUndefined();
    expect(address(4300)).toBe(`http://${host === '::1' ? '[::1]' : host}:4300`);
  });

  it.each(['0.0.0.0', '::', '192.168.7.5', 'fd00::5', 'machine.example'])(
    'makes a token of its own, another each time, on %s',
    (host) => {
      const one = listening({ host, port: 0 });
      expect(one.token).toMatch(/^[\w-]{32}$/);
      expect(listening({ host, port: 0 }).token).not.toBe(one.token);
      expect(one.address(1)).toMatch(new RegExp(`^http://\\S+:1/\\?token=${one.token}$`));
      expect(() => new URL(one.address(1))).not.toThrow();
      expect(() => new URL(one.probe(1))).not.toThrow();
    },
  );

  it('takes the token that it is given, on this machine too', () => {
    const token = 'a-token-of-my-own';
    expect(listening({ host: '127.0.0.1', port: 0, token })).toMatchObject({ token });
    expect(listening({ host: '0.0.0.0', port: 0, token })).toMatchObject({ token });
  });

  it('answers to the names of its host alone', () => {
    expect(listening({ host: 'fd00::5', port: 0 }).names).toEqual(['[fd00::5]']);
    expect(listening({ host: '0.0.0.0', port: 0 }).names).not.toContain('0.0.0.0');
  });
});

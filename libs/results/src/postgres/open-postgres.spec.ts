import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { openStore } from '../store';
import { shownLocation } from './location';
import { describeWithPostgres, TemporaryServer } from './temporary-server.process';

const refused = (code: string, text: RegExp) => ({ code, message: expect.stringMatching(text) as string });

describe('the place of a store', () => {
  it('is shown without its password', () => {
    expect(shownLocation('postgres://me:secret@host:5432/db')).toBe('postgres://me@host:5432/db');
    expect(shownLocation('postgres://host/db?user=me&password=secret&sslmode=require')).not.toContain('secret');
    expect(shownLocation('/a/folder:with@signs')).toBe('/a/folder:with@signs');
  });
});

describeWithPostgres('a store on a server', () => {
  let server: TemporaryServer;
  let artifacts: string;

  beforeAll(async () => {
    server = await TemporaryServer.make();
    artifacts = await mkdtemp(path.join(tmpdir(), 'rampart-files-'));
  });

  afterAll(async () => {
    await server.remove();
    await rm(artifacts, { recursive: true, force: true });
  });

  const open = (url: string, create = true) => openStore(url, { create, artifacts });

  it('says what is wrong with an address, without its password', async () => {
    await expect(open('postgres://me:se/cret@:x')).rejects.toMatchObject(refused('usage', /is no address of a store/));
    const nobody = server.url().replace(/:\d+\//, ':1/');
    await expect(open(nobody)).rejects.toMatchObject(refused('store', /ECONNREFUSED.*Is PostgreSQL running there\?/));
    const wrong = server.url().replace(/rampart:[^@]*@/, 'rampart:wrong@');
    await expect(open(wrong)).rejects.toMatchObject(refused('store', /authentication failed.*Check user and password/));
    await expect(open(server.url('nowhere'))).rejects.toMatchObject(
      refused('missing', /"nowhere" does not exist.*createdb/),
    );
    const empty = await server.database();
    await expect(open(empty, false)).rejects.toMatchObject(
      refused('missing', /There is no store in "postgres:\/\/rampart@/),
    );
  });

  it('is reached over TLS with a certificate that is checked, and not without one where TLS is asked for', async () => {
    const plain = (await server.database()).replace('127.0.0.1', 'localhost');
    await expect(open(`${plain}?sslmode=require`)).rejects.toMatchObject(refused('store', /not support SSL/));
    const [key, certificate] = [path.join(artifacts, 'key.pem'), path.join(artifacts, 'certificate.pem')];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...names],
      {
        stdio: 'ignore',
      },
    );
    await server.useCertificate(key, certificate);
    for (const mode of ['require', 'verify-full']) {
      await expect(open(`${plain}?sslmode=${mode}`)).rejects.toMatchObject(
        refused('store', /self-signed certificate.*name that of the authority/),
      );
    }
    const store = await open(`${plain}?sslmode=require&sslrootcert=${certificate}`);
    await store.close();
    const numeric = `${plain.replace('localhost', '127.0.0.1')}?sslmode=verify-full&sslrootcert=${certificate}`;
    await expect(open(numeric)).rejects.toMatchObject(refused('store', /other names|altnames/));
  });

  it("refuses another program's tables and a newer version's", async () => {
    const foreign = await server.database();
    const database = new URL(foreign).pathname.slice(1);
    await server.query('create table runs (id int)', database);
    await expect(open(foreign)).rejects.toMatchObject(refused('store', /a table "runs" that is not Rampart's/));
    expect(
      await server.query('select count(*)::int as n from pg_tables where schemaname = current_schema()', database),
    ).toEqual([{ n: 1 }]);
    const newer = await server.database();
    await (await open(newer)).close();
    await server.query(
      `insert into kysely_migration values ('9999-later', '2030-01-01')`,
      new URL(newer).pathname.slice(1),
    );
    await expect(open(newer)).rejects.toMatchObject(refused('store', /newer version/));
  });

  it('is made once by several processes that come upon an empty database, also beside another in its own schema', async () => {
    const url = await server.database();
    const stores = await Promise.all([open(url), open(url), open(url), open(url)]);
    await stores[0]!.documents.put('known', 1);
    expect(await stores[3]!.documents.get('known')).toBe(1);
    await Promise.all(stores.map((store) => store.close()));
    await server.query('create schema beside', new URL(url).pathname.slice(1));
    const beside = await open(`${url}?options=-csearch_path%3Dbeside`);
    expect(await beside.documents.get('known')).toBeUndefined();
    await beside.close();
  });

  it('waits for a server that is restarted, and does what was under way again', async () => {
    const store = await open(await server.database());
    const step = { kind: 'train', label: 'l', output: {}, artifacts: [], seconds: 1, finishedAt: 1 };
    await store.steps.finish({ ...step, key: 'before' });
    const keys = Array.from({ length: 300 }, (_, i) => `step ${i}`);
    const written = (async () => {
      for (const key of keys) await store.steps.finish({ ...step, key });
    })();
    await new Promise((done) => setTimeout(done, 100));
    await server.stop('SIGQUIT');
    await server.start();
    await written;
    expect((await store.steps.keys()).sort()).toEqual(['before', ...keys].sort());
    await store.close();
  });

  it('tells others what happens in a run as it happens, and goes by the clock of the server', async () => {
    const url = await server.database();
    const [writer, reader] = [await open(url), await open(url)];
    const run = {
      name: 'n',
      planKey: 'p',
      experiment: 'e',
      dataset: 'd',
      published: undefined,
      engine: 'onnx',
      seeds: [1],
    };
    const { id, startedAt } = await writer.runs.create({ ...run, stepsTotal: 1 });
    const [{ now }] = (await server.query('select extract(epoch from now())::float8 * 1000 as now')) as [
      { now: number },
    ];
    expect(Math.abs(startedAt - now)).toBeLessThan(5_000);
    // The first wait ends when it begins to listen.
    await reader.events.next(id, 60_000);
    let told = false;
    const wait = reader.events.next(id, 60_000).then(() => (told = true));
    await writer.events.append('', { type: 'run-started', stepsTotal: 1 }).catch(() => undefined);
    expect(told).toBe(false);
    await writer.events.append(id, { type: 'run-started', stepsTotal: 1 });
    await wait;
    expect(await reader.events.after(id, 0)).toHaveLength(1);
    await Promise.all([writer.close(), reader.close()]);
  });
});

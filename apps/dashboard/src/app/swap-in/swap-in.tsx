'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type DragEvent, type FormEvent, useEffect, useRef, useState } from 'react';

import { useTRPC } from '@/client/trpc';
import { ComponentList } from '@/components/component-list';
import { Icon } from '@/components/icon';
import { InspectionView } from '@/components/model/inspection-view';
import { JobNotice } from '@/components/model/job-notice';
import { useInspection, useJob } from '@/components/model/use-inspection';
import { ProgressBar } from '@/components/progress-bar';
import { useSearchState } from '@/components/search-state';
import { readSeeds } from '@/components/seeds';
import { Segments } from '@/components/ui/segments';

import { BetterWay, WAYS } from './better-way';
import { upload } from './upload';

/** As large as the server takes. */
const LIMIT_MIB = 256;

/** From a file to a run: drop it, see what it is, choose what to do to it, start. */
export function SwapIn() {
  const { params, set } = useSearchState();
  const artifact = /^[0-9a-f]{64}$/.exec(params.get('artifact') ?? '')?.[0];
  const name = (params.get('name') ?? '').slice(0, 120);
  const { inspection, job, start, error } = useInspection(artifact);
  const asked = useRef<string>(undefined);
  useEffect(() => {
    // Also for an address that somebody was sent: what is known already is not asked for again.
    if (artifact === undefined || asked.current === artifact) return;
    asked.current = artifact;
    start();
  }, [artifact, start]);
  const blocked = inspection?.findings.some((finding) => finding.level === 'problem') === true;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <DropZone
        current={artifact === undefined ? undefined : name || `${artifact.slice(0, 12)}.onnx`}
        refused={!inspection && job?.state === 'failed'}
        onUploaded={(taken, file) => set({ artifact: taken, name: file.replace(/\.onnx$/i, '').slice(0, 120) })}
      />
      {error && (
        <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-[13px] text-bad">
          {error.message}
        </p>
      )}
      {artifact !== undefined && job && job.state !== 'done' && <JobNotice job={job} doing="Inspecting the file" />}
      {inspection && <InspectionView inspection={inspection} />}
      {/* From the start on, so that nothing that is typed while the file is inspected is lost. */}
      {artifact !== undefined && (inspection !== undefined || (job !== undefined && job.state !== 'failed')) && (
        <Evaluation key={artifact} artifact={artifact} name={name} doubtful={blocked} />
      )}
    </div>
  );
}

function DropZone(props: {
  readonly current: string | undefined;
  /** Whether it could not be read as a model. */
  readonly refused: boolean;
  readonly onUploaded: (artifact: string, file: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<{ name: string; share: number }>();
  const [problem, setProblem] = useState<string>();
  const stop = useRef<AbortController>(undefined);
  const take = async (file: File | undefined) => {
    if (!file) return;
    setProblem(undefined);
    if (file.size > LIMIT_MIB * 2 ** 20) {
      setProblem(`${file.name} is larger than ${LIMIT_MIB} MiB, the most that is taken.`);
      return;
    }
    // Of files that are dropped one upon the other the last one counts.
    stop.current?.abort();
    const own = new AbortController();
    stop.current = own;
    const ifLast = (what: () => void) => stop.current === own && what();
    setSending({ name: file.name, share: 0 });
    try {
      const { artifact } = await upload(
        file,
        (share) => ifLast(() => setSending({ name: file.name, share })),
        own.signal,
      );
      ifLast(() => props.onUploaded(artifact, file.name));
    } catch (error) {
      ifLast(() => setProblem(error instanceof Error ? error.message : String(error)));
    } finally {
      ifLast(() => setSending(undefined));
    }
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    <section
      aria-label="Model file"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
      className={`rounded-xl border-2 border-dashed px-6 py-8 text-center transition-colors ${over ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface'}`}
    >
      {sending ? (
        <div className="mx-auto grid max-w-sm gap-3 text-[13px]">
          <span className="figures truncate">
            Sending {sending.name}, {Math.floor(sending.share * 100)}%
          </span>
          <ProgressBar value={sending.share} label="Upload" />
          <button type="button" className="button mx-auto" onClick={() => stop.current?.abort()}>
            Stop
          </button>
        </div>
      ) : (
        <div className="grid justify-items-center gap-2">
          <span className="grid size-10 place-items-center rounded-full bg-sunken text-ink-3">
            <Icon name={props.current === undefined ? 'upload' : props.refused ? 'alert' : 'check'} size={18} />
          </span>
          <p className="text-[15px] font-semibold break-all">{props.current ?? 'Drop an ONNX file here'}</p>
          <p className="text-[13px] text-ink-2">
            {props.current === undefined
              ? `At most ${LIMIT_MIB} MiB. It stays on this machine.`
              : props.refused
                ? 'No model that can be read. Drop another to replace it.'
                : 'In the store. Drop another to replace it.'}
          </p>
          <button type="button" className="button mt-1" onClick={() => input.current?.click()}>
            Choose a file
          </button>
        </div>
      )}
      <input
        ref={input}
        type="file"
        accept=".onnx,application/octet-stream"
        aria-label="Model file"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          void take(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
      {problem && (
        <p
          role="alert"
          className="mx-auto mt-4 flex max-w-prose items-start justify-center gap-2 rounded-lg bg-bad-soft px-3 py-2 text-[13px] text-bad"
        >
          <Icon name="alert" size={15} className="mt-0.5 shrink-0" />
          <span className="min-w-0 break-words">{problem}</span>
        </p>
      )}
    </section>
  );
}

/** What tables call the model: the name of its file, as far as the API takes it. */
function modelLabel(file: string): string | undefined {
  const label = file
    .replace(/[^\p{L}\p{N} ._()=,+-]+/gu, ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .trim();
  return label.slice(0, 80) || undefined;
}

const USUAL_ATTACKS = ['fgs(epsilon=0.1)', 'cg', 'adam'];
const USUAL_DEFENSE = 'rad(attack=adam)';

/** What is done to a model, by what the name of the run begins with. */
const VERBS = { evaluate: 'Evaluate', harden: 'Harden' } as const;

function Evaluation({
  artifact,
  name,
  doubtful,
}: {
  readonly artifact: string;
  readonly name: string;
  readonly doubtful: boolean;
}) {
  const trpc = useTRPC();
  const router = useRouter();
  const { data: catalog } = useQuery(trpc.swapIn.catalog.queryOptions());
  const { data: recent } = useQuery(trpc.runs.list.queryOptions({ perPage: 1 }));
  // What the file says comes with its inspection: until somebody chooses otherwise it chooses the data.
  const { data: fit } = useQuery(
    trpc.swapIn.fit.queryOptions({ artifact }, { refetchInterval: ({ state }) => (state.data ? false : 1000) }),
  );
  const [typedName, setName] = useState<string>();
  const [typedDataset, setDataset] = useState<string>();
  const [typedClasses, setClasses] = useState<string>();
  const [typedPreprocess, setPreprocess] = useState('');
  const [positive, setPositive] = useState('');
  const [verb, setVerb] = useState<keyof typeof VERBS>('evaluate');
  const [defenses, setDefenses] = useState<readonly string[]>([USUAL_DEFENSE]);
  const hardens = verb === 'harden';
  const [threats, setThreats] = useState('');
  const [chosen, setAttacks] = useState<readonly string[]>();
  // With threats, what answers each of them best: until somebody chooses otherwise.
  const attacks = chosen ?? (threats.trim() === '' ? USUAL_ATTACKS : []);
  const evaluate = useMutation(trpc.swapIn.evaluate.mutationOptions());
  const job = useJob(evaluate.data?.job);
  const runId = job?.runId;
  useEffect(() => {
    if (runId) router.push(`/runs/${runId}`);
  }, [runId, router]);
  const known = [...new Set([...(catalog?.datasets.map((one) => one.name) ?? []), ...(recent?.facets.datasets ?? [])])];
  const fits = (one: string) => !fit || fit.datasets.includes(one.split('(')[0]!);
  const datasets = [...known.filter(fits), ...known.filter((one) => !fits(one))];
  const dataset = typedDataset ?? fit?.datasets[0] ?? (fit ? '' : 'mnist');
  const classes = typedClasses ?? fit?.classesChosen ?? '';
  const offered = [
    ...USUAL_ATTACKS,
    ...(catalog?.attacks
      .map((one) => one.name)
      .filter((one) => !USUAL_ATTACKS.some((usual) => usual.split('(')[0] === one)) ?? []),
  ];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const further = String(form.get('further') ?? '').trim();
    const target = String(form.get('target') ?? '').trim();
    const way = ((event.nativeEvent as SubmitEvent).submitter as HTMLButtonElement | null)?.value;
    const better = way === WAYS.better ? job?.better : undefined;
    const preprocess = better?.preprocess ?? typedPreprocess.trim();
    const positiveIndex = better?.positiveIndex ?? (positive === '' ? undefined : positive === '1' ? 1 : 0);
    setPreprocess(preprocess);
    setPositive(positiveIndex === undefined ? '' : String(positiveIndex));
    evaluate.mutate({
      artifact,
      name: String(form.get('name')),
      model: modelLabel(name),
      dataset,
      ...(classes.trim() !== '' && { classes }),
      ...(preprocess !== '' && { preprocess }),
      ...(target !== '' && { target }),
      ...(positiveIndex !== undefined && { positiveIndex }),
      ...(threats.trim() !== '' && { threats }),
      ...(hardens && { defenses: defenses.join(', ') }),
      attacks: [...attacks, ...(further ? [further] : [])].join(', '),
      seeds: readSeeds(String(form.get('seeds'))),
      careful: way !== WAYS.asItIs,
    });
  };
  const working = job && job.state !== 'failed' && !job.better;
  return (
    <section aria-labelledby="evaluation" className="card p-4">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <h2 id="evaluation" className="text-sm font-semibold">
          {VERBS[verb]} it
        </h2>
        <Segments
          label="What is done to it"
          value={verb}
          options={[
            ['evaluate', VERBS.evaluate],
            ['harden', VERBS.harden],
          ]}
          onChange={setVerb}
        />
      </div>
      {doubtful && (
        <p className="mb-3 flex items-start gap-2 rounded-lg bg-warn-soft px-3 py-2 text-[13px] text-warn">
          <Icon name="alert" size={15} className="mt-0.5 shrink-0" /> The inspection found a problem; the run may fail
          for it.
        </p>
      )}
      <form onSubmit={submit} className="grid gap-4 text-[13px]">
        <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_120px]">
          <label className="grid gap-1 text-ink-2">
            Name of the run
            <input
              name="name"
              required
              maxLength={120}
              className="field"
              value={typedName ?? `${verb} ${name || 'a model'}`}
              onChange={(event) => setName(event.target.value)}
            />
          </label>
          <label className="grid gap-1 text-ink-2">
            Dataset
            <input
              required
              maxLength={300}
              list="datasets"
              className="field"
              value={dataset}
              onChange={(event) => setDataset(event.target.value)}
              placeholder="npz(path=...)"
              aria-describedby="dataset-text"
              autoComplete="off"
            />
            <datalist id="datasets">
              {datasets.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          </label>
          <label className="grid gap-1 text-ink-2">
            Seeds
            <input
              name="seeds"
              required
              pattern="\s*\d+(\.\.\d+)?(\s*,\s*\d+(\.\.\d+)?)*\s*"
              title="1 or 1,4,7 or 1..5"
              className="field figures w-full min-w-0"
              defaultValue="1"
              autoComplete="off"
            />
          </label>
        </div>
        <p id="dataset-text" className="-mt-2 text-xs text-ink-3">
          {fit?.input
            ? `The file takes ${fit.input.join('x')}${fit.classes === undefined ? '' : ` and tells ${fit.classes} classes apart`}. ${
                fit.datasets.length > 0
                  ? `Of the data that comes with Rampart this is ${fit.datasets.join(' or ')}.`
                  : 'None of the data that comes with Rampart has that shape: name your own, as .npy, images or a table.'
              }`
            : 'What the file takes is not known before it is inspected, or left open by it.'}
        </p>
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <label className="grid content-start gap-1 text-ink-2">
            Classes
            <input
              className="field min-w-0"
              placeholder="the dataset’s own; 4,7 or all"
              maxLength={1000}
              autoComplete="off"
              value={classes}
              onChange={(event) => setClasses(event.target.value)}
            />
          </label>
          <label className="grid content-start gap-1 text-ink-2">
            Preprocessing
            <input
              className="field min-w-0"
              list="preprocess-ways"
              placeholder="as the file says; auto tries"
              maxLength={300}
              autoComplete="off"
              value={typedPreprocess}
              onChange={(event) => setPreprocess(event.target.value)}
            />
            <datalist id="preprocess-ways">
              <option value="auto" />
              <option value="range=0..1" />
              <option value="range=0..255" />
              <option value="range=0..1 mean=0.485,0.456,0.406 std=0.229,0.224,0.225" />
            </datalist>
          </label>
          <label className="grid content-start gap-1 text-ink-2">
            Target of the attacks
            <input
              name="target"
              className="field min-w-0"
              placeholder="any wrong class"
              maxLength={100}
              autoComplete="off"
            />
          </label>
          <label className="grid content-start gap-1 text-ink-2">
            A single score is of
            <select className="field min-w-0" value={positive} onChange={(event) => setPositive(event.target.value)}>
              <option value="">as usual: class 1</option>
              <option value="0">class 0</option>
              <option value="1">class 1</option>
            </select>
          </label>
        </div>
        {hardens && (
          <div className="grid max-w-xl gap-1">
            <ComponentList
              label="Defenses that train it, or are put before it"
              one="Defense"
              known={catalog?.defenses ?? []}
              chosen={defenses}
              onChange={setDefenses}
            />
            <p className="text-xs text-ink-3">
              The run attacks the model before and after. On the page of what a defense has made of it you then get the
              hardened file, with the input and the output that this one has.
            </p>
          </div>
        )}
        <div className="grid max-w-md gap-1">
          <label className="grid gap-1 text-ink-2">
            Threats
            <input
              className="field"
              placeholder="linf(8/255), l2(0.5)"
              maxLength={300}
              autoComplete="off"
              aria-describedby="threats-text"
              value={threats}
              onChange={(event) => setThreats(event.target.value)}
            />
          </label>
          <p id="threats-text" className="text-xs text-ink-3">
            What the model is to withstand, in the units of its pixels: no change above 8/255 in any of them, a change
            of a Euclidean length of at most 0.5. The figure is then its robust accuracy.
          </p>
        </div>
        <fieldset>
          <legend className="mb-1 text-ink-2">
            Attacks on the model itself
            {threats.trim() !== '' && (
              <span className="text-ink-3">
                {' '}
                {attacks.length === 0
                  ? '– those that answer each threat best, unless some are chosen or typed below'
                  : '– those that answer a threat'}
              </span>
            )}
          </legend>
          <div className="flex flex-wrap gap-1.5">
            {offered.map((attack) => {
              const on = attacks.includes(attack);
              return (
                <label
                  key={attack}
                  className={`flex cursor-pointer items-center gap-2 rounded-md border px-2.5 py-1 ${on ? 'border-accent bg-accent-soft text-ink' : 'border-line-strong text-ink-2'}`}
                >
                  <input
                    type="checkbox"
                    className="size-3.5 accent-(--accent)"
                    checked={on}
                    onChange={() => setAttacks(on ? attacks.filter((one) => one !== attack) : [...attacks, attack])}
                  />
                  {attack}
                </label>
              );
            })}
          </div>
        </fieldset>
        <label className="grid max-w-md gap-1 text-ink-2">
          Further attacks
          <input
            name="further"
            className="field"
            placeholder="fgs(epsilon=0.3), cg(rule=largest-gain)"
            maxLength={500}
            autoComplete="off"
          />
        </label>
        {evaluate.error && (
          <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-bad">
            {evaluate.error.message}
          </p>
        )}
        {job && !job.better && (
          <JobNotice job={job} doing={hardens ? 'Starting to harden it' : 'Starting the evaluation'} />
        )}
        <div>
          <button
            type="submit"
            className="button"
            data-primary
            disabled={evaluate.isPending || working || (hardens && defenses.length === 0)}
          >
            {hardens ? 'Harden it' : 'Start the evaluation'}
          </button>
        </div>
        {job?.better && <BetterWay better={job.better} verb={VERBS[verb]} />}
      </form>
    </section>
  );
}

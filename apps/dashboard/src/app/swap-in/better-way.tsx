import { Icon } from '@/components/icon';

/** What a button of the form asks for beside the start itself. */
export const WAYS = { better: 'better', asItIs: 'as-it-is' } as const;

/** That the file would have to be taken otherwise, with what both ways get right, and the two ways on. */
export function BetterWay({
  better: { preprocess, positiveIndex, figures },
  verb,
}: {
  readonly better: {
    readonly preprocess?: string | undefined;
    readonly positiveIndex?: 0 | 1 | undefined;
    readonly figures: string;
  };
  /** What is done to the model: "Evaluate". */
  readonly verb: string;
}) {
  const ways = [
    ...(preprocess === undefined ? [] : [preprocess]),
    ...(positiveIndex === undefined ? [] : [`its single score as that of class ${positiveIndex}`]),
  ];
  return (
    <div role="alert" className="grid grid-cols-[minmax(0,1fr)] gap-2 rounded-lg bg-warn-soft px-3 py-2">
      <p className="flex items-start gap-2 text-warn">
        <Icon name="alert" size={15} className="mt-0.5 shrink-0" />
        <span className="min-w-0 break-words">
          Nothing was attacked yet: {figures}.{' '}
          {preprocess === undefined
            ? 'A large score of the model seems to speak for the other class than it is taken for'
            : 'The model seems to have been trained on images that were prepared otherwise'}
          , so that figures of it as it is would mean little.
        </span>
      </p>
      <div className="flex flex-wrap gap-2">
        <button
          type="submit"
          className="button h-auto min-h-8 max-w-full py-1 text-left wrap-anywhere whitespace-normal"
          data-primary
          value={WAYS.better}
        >
          {verb} it with {ways.join(', ')}
        </button>
        <button type="submit" className="button" value={WAYS.asItIs}>
          {verb} it as it is
        </button>
      </div>
    </div>
  );
}

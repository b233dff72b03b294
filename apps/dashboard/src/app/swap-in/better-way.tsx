import { Icon } from '@/components/icon';

/** What a button of the form asks for beside the start itself. */
export const WAYS = { better: 'better', asItIs: 'as-it-is' } as const;

/** That the images would have to be prepared otherwise, with what both ways get right, and the two ways on. */
export function BetterWay({
  better: { preprocess, figures },
}: {
  readonly better: { readonly preprocess: string; readonly figures: string };
}) {
  return (
    <div role="alert" className="grid grid-cols-[minmax(0,1fr)] gap-2 rounded-lg bg-warn-soft px-3 py-2">
      <p className="flex items-start gap-2 text-warn">
        <Icon name="alert" size={15} className="mt-0.5 shrink-0" />
        <span className="min-w-0 break-words">
          Nothing was attacked yet: {figures}. The model seems to have been trained on images that were prepared
          otherwise, so that figures of it as it is would mean little.
        </span>
      </p>
      <div className="flex flex-wrap gap-2">
        <button
          type="submit"
          className="button h-auto min-h-8 max-w-full py-1 text-left wrap-anywhere whitespace-normal"
          data-primary
          value={WAYS.better}
        >
          Evaluate it with {preprocess}
        </button>
        <button type="submit" className="button" value={WAYS.asItIs}>
          Evaluate it as it is
        </button>
      </div>
    </div>
  );
}

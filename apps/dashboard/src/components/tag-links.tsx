import Link from 'next/link';

/** Tags, each of which leads to whatever else has it; as high as a finger needs, higher than they look. */
export function TagLinks(props: { readonly tags: readonly string[]; readonly to: (tag: string) => string }) {
  return props.tags.map((tag) => (
    <Link
      key={tag}
      href={props.to(tag)}
      className="inline-flex min-h-6 min-w-6 items-center text-xs text-accent hover:underline"
    >
      <span className="rounded bg-accent-soft px-1.5">{tag}</span>
    </Link>
  ));
}

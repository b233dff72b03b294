import Link from 'next/link';

/** Tags, each of which leads to whatever else has it. */
export function TagLinks(props: { readonly tags: readonly string[]; readonly to: (tag: string) => string }) {
  return props.tags.map((tag) => (
    <Link key={tag} href={props.to(tag)} className="rounded bg-accent-soft px-1.5 text-xs text-accent hover:underline">
      {tag}
    </Link>
  ));
}
